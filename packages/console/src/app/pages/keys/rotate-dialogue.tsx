/**
 * Exchanges a key for another.
 *
 * @module
 */
import { NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialogue } from './dialogue.tsx';
import { type KeyFacts, type Shown, useKeyActs } from './use-keys.ts';

const hour = 3_600_000;
/** Milliseconds. */
const graces = { now: 0, hour, day: 24 * hour, week: 7 * 24 * hour } as const;
type Grace = keyof typeof graces;
const names = Object.keys(graces) as Grace[];

export interface RotateDialogueProps {
  of: KeyFacts;
  onClose: () => void;
  onShown: (of: Shown) => void;
}

export function RotateDialogue({ of, onClose, onShown }: RotateDialogueProps) {
  const t = useTranslations('keys');
  const { rotate } = useKeyActs();
  const [grace, setGrace] = useState<Grace>('day');
  const submit = () => rotate.mutate({ id: of.id, graceMs: graces[grace] }, { onSuccess: onShown });
  return (
    <Dialogue
      title={t('rotateTitle', { name: of.name })}
      act={t('rotate')}
      under={rotate}
      onClose={onClose}
      onSubmit={submit}
    >
      <Text>{t('rotateWhat')}</Text>
      <NativeSelect
        label={t('grace')}
        value={grace}
        data={names.map((value) => ({ value, label: t(`graces.${value}`) }))}
        onChange={({ currentTarget: { value } }) => setGrace(names.find((name) => name === value) ?? grace)}
      />
    </Dialogue>
  );
}
