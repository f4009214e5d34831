/**
 * Stops a run, or goes on with it.
 *
 * @module
 */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { CommandLine } from '../../components/command-line.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { api, read } from '../../lib/api.ts';
import type { WholeRun } from './runs-data.ts';

export function RunActs({ run, canResume }: { run: WholeRun; canResume: boolean }) {
  const t = useTranslations('runs');
  const client = useQueryClient();
  const param = { id: run.id };
  const onSuccess = () => client.invalidateQueries({ queryKey: ['runs'] });
  const stop = useMutation({ mutationFn: () => read(api.runs[':id'].stop.$post({ param })), onSuccess });
  const resume = useMutation({ mutationFn: () => read(api.runs[':id'].resume.$post({ param })), onSuccess });
  const error = stop.error ?? resume.error;
  // Of what terms forbid, nothing was trained that could be gone on with.
  const isForbidden = run.end !== null && 'code' in run.end && run.end.code === 'terms_forbidden';
  if (run.state === 'done' || isForbidden) return null;
  return (
    <Stack gap="sm" mb="lg">
      {run.state === 'running' ? (
        <Group>
          <Button
            variant="default"
            loading={stop.isPending}
            disabled={run.stopWantedAt !== null}
            onClick={() => stop.mutate()}
          >
            {t('stop')}
          </Button>
          <Text size="sm">{t('stopHint')}</Text>
        </Group>
      ) : (
        <Group>
          {canResume && (
            <Button loading={resume.isPending} onClick={() => resume.mutate()}>
              {t('resume')}
            </Button>
          )}
          <Text size="sm">{t('resumeElsewhere')}</Text>
          <CommandLine command={`kolben runs resume ${run.id}`} />
        </Group>
      )}
      {error && <ErrorNotice error={error} />}
    </Stack>
  );
}
