/**
 * The state of a run, and how far it is or what came of it.
 *
 * @module
 */
import { Badge, Progress, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useErrorText } from '../../components/use-error-text.ts';
import { ApiFault } from '../../lib/api-fault.ts';
import { useFormats } from '../../lib/use-formats.ts';
import type { RunInList } from './runs-data.ts';

const colors = {
  running: 'blue',
  done: 'green',
  stopped: 'gray',
  interrupted: 'yellow',
  failed: 'red',
} as const;

export function RunState({ run }: { run: Pick<RunInList, 'state' | 'stopWantedAt'> }) {
  const t = useTranslations('runs');
  const isStopping = run.state === 'running' && run.stopWantedAt !== null;
  return (
    <Badge
      color={colors[run.state]}
      variant="outline"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {isStopping ? t('stopping') : t(`states.${run.state}`)}
    </Badge>
  );
}

export function RunProgress({ run }: { run: Pick<RunInList, 'state' | 'progress' | 'end'> }) {
  const t = useTranslations('runs');
  const textOf = useErrorText();
  const formats = useFormats();
  const { state, progress, end } = run;
  if (state === 'done' && end && 'student' in end)
    return (
      <Text size="sm">
        {end.certificate
          ? t('certified', {
              coverage: formats.percent(end.certificate.coverage),
              alpha: formats.percent(end.certificate.alpha),
            })
          : t('noCertificate')}
      </Text>
    );
  if (state === 'failed' && end && 'code' in end)
    return (
      <Text size="sm">
        {textOf(new ApiFault(0, end.code, t('failedBy', { code: end.code }), end.values))}
      </Text>
    );
  if (!progress) return null;
  const { phase, step, steps, secondsLeft } = progress;
  const parts = [
    state === 'running' ? t(`phases.${phase}`) : undefined,
    step !== null && steps !== null
      ? t('steps', { step: formats.number(step), steps: formats.number(steps) })
      : undefined,
    state === 'running' && secondsLeft !== null
      ? t('left', { time: formats.duration(secondsLeft * 1000) })
      : undefined,
  ].filter((part) => part !== undefined);
  return (
    <Stack gap={4}>
      <Text size="sm">{parts.join(' · ')}</Text>
      {step !== null && steps !== null && steps > 0 && (
        <Progress value={(100 * step) / steps} aria-label={t('progress')} size="sm" />
      )}
    </Stack>
  );
}
