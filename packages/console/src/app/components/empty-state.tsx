/**
 * Where there is nothing to show yet: why, and what to do next.
 *
 * @module
 */
import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { CommandLine } from './command-line.tsx';

export interface EmptyStateProps {
  title: string;
  /** What to do. */
  children?: ReactNode;
  /** A command that does it, to be copied. */
  command?: string;
}

export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm" ta="center">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children !== undefined && (
          <Text component="div" maw="40rem">
            {children}
          </Text>
        )}
        {command !== undefined && <CommandLine command={command} />}
      </Stack>
    </Paper>
  );
}
