/**
 * A new secret, shown once.
 *
 * @module
 */
import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../../components/copy-button.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { Shown } from './use-keys.ts';

export function SecretDialogue({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const t = useTranslations('keys');
  const { dateTime } = useFormats();
  const { secret, old } = shown;
  return (
    // Closed by its button alone: a click beside it would lose the key.
    <Modal
      opened
      onClose={onClose}
      title={t('secretTitle')}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Text>{t('secretWhat')}</Text>
        <Group gap="xs">
          <Code
            aria-label={t('secret')}
            role="textbox"
            aria-readonly
            tabIndex={0}
            style={{ overflowWrap: 'anywhere' }}
          >
            {secret}
          </Code>
          <CopyButton text={secret} />
        </Group>
        {old && (
          <Text>
            {old.worksUntil === null
              ? t('oldRevoked')
              : t('oldWorksUntil', { until: dateTime(old.worksUntil) })}
          </Text>
        )}
        <Group justify="end">
          <Button onClick={onClose}>{t('secretDone')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
