/**
 * The head of a page: its name, which is the tab's too, and what stands at its right.
 *
 * @module
 */
import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

export interface PageHeaderProps {
  title: string;
  /** One sentence: what the page is for. */
  lead?: string | undefined;
  /** Controls, such as the span of time. */
  children?: ReactNode;
}

export function PageHeader({ title, lead, children }: PageHeaderProps) {
  const t = useTranslations('common');
  return (
    <Group justify="space-between" align="start" mb="lg">
      <title>{`${title} – ${t('appName')}`}</title>
      <Stack gap={4}>
        <Title order={1} size="h2">
          {title}
        </Title>
        {lead !== undefined && <Text c="dimmed">{lead}</Text>}
      </Stack>
      {children !== undefined && <Group gap="sm">{children}</Group>}
    </Group>
  );
}
