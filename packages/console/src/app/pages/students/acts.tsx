/**
 * What an operator does with a student: each asked for twice, and written into the audit log.
 *
 * @module
 */
import { Alert, Button, Checkbox, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useChart } from '../../../charts/settings.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { sizeOf } from './size-of.ts';
import { useStudentName } from './student-name.tsx';
import { type Student, studentsKey, useStudents } from './use-students.ts';

export function Acts({ student }: { student: Student }) {
  const t = useTranslations('students.acts');
  const formats = useFormats();
  const { id, task, current, pinned, withdrawnAt, before } = student;
  const nameOf = useStudentName();
  const places = useStudents().data?.places ?? [];
  const isPinned = places.some((place) => place.task === task && place.pinned);
  return (
    <Section title={t('title')}>
      <Group>
        {!current && !pinned && (
          <Act
            name={t('promote')}
            what={t('promoteWhat', { task })}
            act={() => read(api.students[':id'].promote.$post({ param: { id } }))}
          >
            <WhatWithdrawnMeans student={student} />
          </Act>
        )}
        {before && (
          <Act
            name={t('rollBack')}
            what={t('rollBackWhat', { task, student: nameOf(before.digest) })}
            done={t('rolledBack', { task, student: nameOf(before.digest) })}
            act={() =>
              read(
                api.students['roll-back'].$post({ json: { task, withdrawn: before.withdrawnAt !== null } }),
              )
            }
          >
            <WhatWithdrawnMeans student={before} />
          </Act>
        )}
        {withdrawnAt !== null && (
          <Act
            name={t('readmit')}
            what={t('readmitWhat', { when: formats.dateTime(withdrawnAt) })}
            act={() => read(api.students[':id'].readmit.$post({ param: { id } }))}
          />
        )}
        <Export student={student} />
      </Group>
      {isPinned && (
        <Text mt="sm" size="sm" c="dimmed">
          {t('pinnedHint', { task })}
        </Text>
      )}
    </Section>
  );
}

/** Said before one that is withdrawn gets the place; nothing of any other. */
function WhatWithdrawnMeans({
  student: { digest, withdrawnAt },
}: {
  student: Pick<Student, 'digest' | 'withdrawnAt'>;
}) {
  const t = useTranslations('students.acts');
  const nameOf = useStudentName();
  const { dateTime } = useFormats();
  if (withdrawnAt === null) return null;
  return (
    <Alert color="yellow" variant="outline">
      {t('staysWithdrawn', { student: nameOf(digest), when: dateTime(withdrawnAt) })}
    </Alert>
  );
}

interface ActProps {
  name: string;
  /** What it does, in words. */
  what: string;
  /** Told when it is done; "Done." where left out. */
  done?: string;
  act: () => Promise<unknown>;
  children?: ReactNode;
}

function Act({ name, what, done, act, children }: ActProps) {
  const t = useTranslations();
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async () => {
      close();
      notifications.show({ message: done ?? t('students.acts.done') });
      await client.invalidateQueries({ queryKey: studentsKey, refetchType: 'active' });
    },
  });
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          mutation.reset();
          open();
        }}
      >
        {name}
      </Button>
      {/* Mantine's head of a dialogue would be a second banner of the page. */}
      <Modal opened={isOpen} onClose={close} withCloseButton={false}>
        <Stack>
          <Modal.Title fz="h3" fw={700}>
            {name}
          </Modal.Title>
          <Text>{what}</Text>
          {children}
          {mutation.error && <ErrorNotice error={mutation.error} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button loading={mutation.isPending} onClick={() => mutation.mutate()}>
              {t('students.acts.confirm')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

const formatNames = ['hf', 'onnx', 'gguf'] as const;
const distributions = ['internal', 'distributed'] as const;

function Export({ student: { id, facts } }: { student: Student }) {
  const t = useTranslations('students.acts');
  const terms = useTranslations('reasons.terms');
  const { plain } = useChart().numbers;
  const { day } = useFormats();
  const [to, setTo] = useState<(typeof formatNames)[number]>('hf');
  const [distribution, setDistribution] = useState<(typeof distributions)[number]>('distributed');
  const [halves, setHalves] = useState(false);
  const formats = facts?.kind === 'generate' ? formatNames : formatNames.filter((name) => name !== 'gguf');
  return (
    <Act
      name={t('export')}
      what={t('exportWhat')}
      act={async () => {
        const ready = await read(
          api.students[':id'].export.$post({
            param: { id },
            json: { to, distribution, halves: to === 'gguf' && halves },
          }),
        );
        notifications.show({
          message: [
            t('ready', { name: ready.name, size: sizeOf(ready.bytes, plain) }),
            ...ready.notes.map(({ code, values }) => terms(code, { ...values, date: day(values.date) })),
          ].join(' '),
          autoClose: 15_000,
        });
        window.location.assign(`/console/api/students/exports/${ready.token}`);
      }}
    >
      <Radio.Group label={t('format')} value={to} onChange={(value) => setTo(value as typeof to)}>
        <Stack gap="xs" mt="xs">
          {formats.map((name) => (
            <Radio key={name} value={name} label={t(`formats.${name}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Radio.Group
        label={t('whom')}
        value={distribution}
        onChange={(value) => setDistribution(value as typeof distribution)}
      >
        <Stack gap="xs" mt="xs">
          {distributions.map((name) => (
            <Radio key={name} value={name} label={t(`distributions.${name}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {to === 'gguf' && (
        <Checkbox
          label={t('halves')}
          checked={halves}
          onChange={(event) => setHalves(event.currentTarget.checked)}
        />
      )}
    </Act>
  );
}
