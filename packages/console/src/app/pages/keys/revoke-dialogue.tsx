/**
 * Revokes a key, after it was said what that means.
 *
 * @module
 */
import { Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Dialogue } from './dialogue.tsx';
import { type KeyFacts, useKeyActs } from './use-keys.ts';

export function RevokeDialogue({ of, onClose }: { of: KeyFacts; onClose: () => void }) {
  const t = useTranslations('keys');
  const { revoke } = useKeyActs();
  return (
    <Dialogue
      title={t('revokeTitle', { name: of.name })}
      act={t('revoke')}
      isDangerous
      under={revoke}
      onClose={onClose}
      onSubmit={() => revoke.mutate(of.id, { onSuccess: onClose })}
    >
      <Text>{t('revokeWhat')}</Text>
      {of.isYours && <Text fw={700}>{t('revokeYours')}</Text>}
    </Dialogue>
  );
}
