/**
 * A dialogue in which something is decided: what it is about, what went wrong, and the two ways out.
 *
 * @module
 */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ErrorNotice } from '../../components/error-notice.tsx';

export interface DialogueProps {
  title: string;
  /** What the act is called. */
  act: string;
  isDangerous?: boolean;
  /** Of the mutation. */
  under: { isPending: boolean; error: Error | null };
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}

export function Dialogue(props: DialogueProps) {
  const { title, act, isDangerous = false, under, onClose, onSubmit, children } = props;
  const t = useTranslations('common');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {under.error && <ErrorNotice error={under.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={under.isPending} {...(isDangerous && { color: 'red.9' })}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
