/**
 * Makes a key.
 *
 * @module
 */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialogue } from './dialogue.tsx';
import { LimitInputs } from './limit-inputs.tsx';
import { type NewKey, type Shown, useKeyActs } from './use-keys.ts';

const none = { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null };

export function CreateDialogue({ onClose, onShown }: { onClose: () => void; onShown: (of: Shown) => void }) {
  const t = useTranslations('keys');
  const { create } = useKeyActs();
  const [key, setKey] = useState<NewKey>({ name: '', scope: 'use', expiresAt: null, limits: none });
  const [day, setDay] = useState('');
  const submit = () => {
    // To the end of that day, as the reader's clock has it.
    const expiresAt = day === '' ? null : new Date(`${day}T23:59:59.999`).toISOString();
    create.mutate({ ...key, expiresAt }, { onSuccess: onShown });
  };
  return (
    <Dialogue title={t('create')} act={t('create')} under={create} onClose={onClose} onSubmit={submit}>
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        value={key.name}
        maxLength={200}
        required
        data-autofocus
        onChange={({ currentTarget: { value } }) => setKey({ ...key, name: value })}
      />
      <NativeSelect
        label={t('scope')}
        value={key.scope}
        data={(['use', 'admin'] as const).map((value) => ({ value, label: t(`scopes.${value}`) }))}
        onChange={({ currentTarget: { value } }) =>
          setKey({ ...key, scope: value === 'admin' ? 'admin' : 'use' })
        }
      />
      <TextInput
        type="date"
        label={t('expires')}
        description={t('expiresHint')}
        value={day}
        onChange={({ currentTarget: { value } }) => setDay(value)}
      />
      <LimitInputs limits={key.limits} onChange={(limits) => setKey({ ...key, limits })} />
    </Dialogue>
  );
}
