/**
 * The task's route: what it is, what others would be and require, and the switch.
 *
 * @module
 */
import { Alert, Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { CommandLine } from '../../components/command-line.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import type { Task } from './task.ts';

const routes = ['teacher', 'shadow', 'cascade', 'student'] as const;
type Route = (typeof routes)[number];

/** What becomes of a call, which its route alone doesn't tell. */
function happening({ route, student }: Task) {
  if (!student) return route === 'student' ? 'refused' : route === 'teacher' ? 'teacher' : 'noStudent';
  switch (student.state) {
    case 'answering':
      return route;
    case 'shadowing':
      return 'shadow';
    case 'unasked':
    case 'waiting':
      return 'teacher';
    default:
      return student.state;
  }
}

export function RouteSwitch({ task }: { task: Task }) {
  const t = useTranslations('tasks');
  const common = useTranslations('common');
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Route>();
  const wanted = chosen ?? task.route;
  const [isAsking, setAsking] = useState(false);
  const needsStudent = task.needs.cascade !== null;
  const act = useMutation({
    mutationFn: (route: Route) =>
      read(api.tasks.route[':task'].$post({ param: { task: task.name }, json: { route } })),
    onSuccess: async ({ route, readmitted, isUncertified }) => {
      setAsking(false);
      notifications.show({
        message: [
          t('switch.done', { task: task.name, route: common(`route.${route}`) }),
          readmitted === null ? '' : t('switch.readmitted'),
          route === 'cascade' && isUncertified ? t('switch.uncertified') : '',
        ].join(' '),
      });
      await client.invalidateQueries({ queryKey: ['tasks'] });
      setChosen(undefined);
    },
  });
  const isOther = wanted !== task.route;
  const name = common(`route.${wanted}`);
  return (
    <Section title={t('switch.title')}>
      <Text>{t('switch.now', { route: common(`route.${task.route}`) })}</Text>
      <Text>{t(`switch.${happening(task)}`)}</Text>
      {task.configured !== task.route && (
        <Text size="sm">{t('switch.configured', { route: common(`route.${task.configured}`) })}</Text>
      )}
      <Radio.Group
        label={t('switch.title')}
        labelProps={{ className: 'visually-hidden' }}
        value={wanted}
        onChange={(value) => setChosen(routes.find((one) => one === value))}
      >
        <Stack gap="xs">
          {routes.map((route) => (
            <Radio
              key={route}
              value={route}
              label={common(`route.${route}`)}
              description={t(`switch.${route}`)}
              disabled={route !== 'teacher' && needsStudent}
            />
          ))}
        </Stack>
      </Radio.Group>
      {needsStudent && <Text size="sm">{t('switch.needs')}</Text>}
      {needsStudent && !task.next?.refusal && (
        <>
          <Text size="sm">{t('switch.distil')}</Text>
          <CommandLine command={`kolben distill --task ${task.name}`} />
        </>
      )}
      {isOther && (
        <Group>
          <Button onClick={() => setAsking(true)}>{t('switch.set', { route: name })}</Button>
        </Group>
      )}
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t('switch.confirm', { task: task.name, route: name })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Stack>
          <Text>{t(`switch.${wanted}`)}</Text>
          {wanted === 'student' && (
            <Alert color="yellow" variant="outline">
              {t('switch.student_warning')}
            </Alert>
          )}
          {wanted === 'cascade' && task.student?.certificate === null && (
            <Alert color="yellow" variant="outline">
              {t('switch.uncertified')}
            </Alert>
          )}
          {act.error && <ErrorNotice error={act.error} />}
          <Group justify="end">
            <Button variant="default" onClick={() => setAsking(false)}>
              {common('cancel')}
            </Button>
            <Button loading={act.isPending} onClick={() => act.mutate(wanted)}>
              {t('switch.set', { route: name })}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Section>
  );
}
