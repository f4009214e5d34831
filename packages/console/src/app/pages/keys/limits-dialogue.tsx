/**
 * Sets what a key may use.
 *
 * @module
 */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Dialogue } from './dialogue.tsx';
import { LimitInputs } from './limit-inputs.tsx';
import { type KeyFacts, useKeyActs } from './use-keys.ts';

export function LimitsDialogue({ of, onClose }: { of: KeyFacts; onClose: () => void }) {
  const t = useTranslations('keys');
  const { limit } = useKeyActs();
  const [limits, setLimits] = useState(of.limits);
  const submit = () => limit.mutate({ id: of.id, limits }, { onSuccess: onClose });
  return (
    <Dialogue title={t('setLimits')} act={t('save')} under={limit} onClose={onClose} onSubmit={submit}>
      <RecordedText text={of.name} isShort fw={700} />
      <LimitInputs limits={limits} onChange={setLimits} />
    </Dialogue>
  );
}
