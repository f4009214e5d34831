/**
 * A command to be copied into a terminal.
 *
 * @module
 */
import { Code, Group } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';

export function CommandLine({ command }: { command: string }) {
  return (
    <Group gap="xs" justify="center">
      <Code style={{ overflowWrap: 'anywhere' }}>{command}</Code>
      <CopyButton text={command} />
    </Group>
  );
}
