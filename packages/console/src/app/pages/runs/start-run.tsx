/**
 * Begins a run on the gateway's machine.
 *
 * @module
 */
import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { api, read } from '../../lib/api.ts';

export function StartRun({ tasks }: { tasks: readonly string[] }) {
  const t = useTranslations('runs');
  const [, go] = useLocation();
  const [task, setTask] = useState(tasks[0] ?? '');
  const start = useMutation({
    mutationFn: () => read(api.runs.$post({ json: { task } })),
    onSuccess: ({ id }) => go(`/${id}`),
  });
  return (
    <Paper withBorder p="md" mb="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('startTitle')}
        </Title>
        <Text size="sm">{t('startHint')}</Text>
        <Group align="end">
          <NativeSelect
            label={t('chooseTask')}
            value={task}
            data={[...tasks]}
            onChange={(event) => setTask(event.currentTarget.value)}
          />
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {t('start')}
          </Button>
        </Group>
        {start.error && <ErrorNotice error={start.error} />}
      </Stack>
    </Paper>
  );
}
