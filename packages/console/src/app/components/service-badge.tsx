/**
 * Whether a student answers, in the same words on every page.
 *
 * @module
 */
import type { ServiceState } from '@kolben/gateway/students';
import { Badge } from '@mantine/core';
import { useTranslations } from 'use-intl';

const colours: Partial<Record<ServiceState, string>> = {
  answering: 'blue',
  withdrawn: 'red',
  forced: 'red',
};

export function ServiceBadge({ state }: { state: ServiceState }) {
  const t = useTranslations('common');
  return (
    <Badge
      variant="outline"
      color={colours[state] ?? 'gray'}
      c="var(--mantine-color-text)"
      tt="none"
      // It says more than one word, and stands in narrow columns too.
      miw={0}
      h="auto"
      styles={{ label: { whiteSpace: 'normal' } }}
    >
      {t(`service.${state}`)}
    </Badge>
  );
}
