/**
 * The risk–coverage curve with the certified point, and what another alpha would certify, cost and save.
 *
 * @module
 */
import { Button, Group, Modal, Slider, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { RiskCurve } from '../../../charts/index.ts';
import { Answer } from '../../components/answer.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Facts } from '../../components/facts.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import type { Task } from './task.ts';

export function AlphaChoice({ task }: { task: Task }) {
  const t = useTranslations('tasks');
  const common = useTranslations('common');
  const formats = useFormats();
  const client = useQueryClient();
  const student = task.student!;
  const [place, setPlace] = useState<number>();
  const [isAsking, setAsking] = useState(false);
  const query = useQuery({
    queryKey: ['tasks', 'alphas', task.name, student.digest],
    queryFn: () => read(api.tasks.alphas[':task'].$get({ param: { task: task.name } })),
  });
  const drawn = useQuery({
    queryKey: ['tasks', 'curve', task.name, student.digest],
    queryFn: () => read(api.tasks.curve[':task'].$get({ param: { task: task.name } })),
  });
  const act = useMutation({
    mutationFn: (alpha: number) =>
      read(
        api.tasks.certify[':task'].$post({
          param: { task: task.name },
          json: { student: student.id, alpha },
        }),
      ),
    onSuccess: (_, alpha) => {
      setAsking(false);
      setPlace(undefined);
      notifications.show({ message: t('alpha.done', { alpha: formats.percent(alpha) }) });
      return client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  const data = drawn.data && query.data && { ...drawn.data, ...query.data };
  const error = drawn.error ?? query.error;
  const refetch = () => (drawn.error ? drawn : query).refetch();
  return (
    <Section title={t('curve.title')}>
      <Answer query={{ data, error, refetch }}>
        {({ curve, certified, choices, delta, setBefore }) => {
          if (curve.length === 0) return <Text>{t('curve.none')}</Text>;
          const own = choices.findIndex(({ isOwn }) => isOwn);
          const index = place ?? Math.max(0, own);
          const choice = choices[index];
          const certificate = choice?.certificate;
          const month = choice?.month;
          return (
            <Stack>
              <RiskCurve
                points={curve}
                certified={certified}
                alpha={student.certificate?.alpha ?? null}
                tried={
                  choice && !choice.isOwn
                    ? {
                        alpha: choice.alpha,
                        point: certificate && {
                          coverage: certificate.coverage,
                          disagreement: choice.disagreement ?? 0,
                        },
                      }
                    : null
                }
              />
              {choice && delta !== null && (
                <>
                  <Text>
                    {t('alpha.what')}{' '}
                    {setBefore === null
                      ? t('alpha.all', { confidence: formats.percent(1 - delta) })
                      : t('alpha.others', {
                          own: formats.percent(setBefore),
                          confidence: formats.percent(1 - delta),
                        })}
                  </Text>
                  <Slider
                    thumbLabel={t('alpha.label')}
                    min={0}
                    max={choices.length - 1}
                    step={1}
                    value={index}
                    onChange={setPlace}
                    label={(at) => formats.percent(choices[at]?.alpha ?? 0)}
                    thumbValueText={formats.percent(choice.alpha)}
                    styles={{ markLabel: { color: 'var(--mantine-color-dimmed)' } }}
                    marks={choices.map(({ alpha }, value) => ({ value, label: formats.percent(alpha) }))}
                    mb="xl"
                    mx="xl"
                  />
                  {certificate && month ? (
                    <Facts
                      label={t('alpha.title')}
                      rows={[
                        [t('alpha.label'), formats.percent(choice.alpha)],
                        [t('alpha.answers'), formats.percent(certificate.coverage)],
                        [t('alpha.threshold'), formats.confidence(certificate.threshold)],
                        [t('alpha.disagreed'), formats.percent(choice.disagreement ?? 0, 2)],
                        [t('alpha.teacherAlone'), formats.money(month.teacherAlone)],
                        [t('alpha.cascade'), formats.money(month.cascade)],
                        [t('alpha.saved'), formats.money(month.saved)],
                        [t('alpha.disagreements'), formats.number(month.disagreements, 1)],
                      ]}
                    />
                  ) : (
                    <>
                      <Text fw={600}>{t('alpha.none')}</Text>
                      {choice.refusal && <Refusal of={choice.refusal} />}
                    </>
                  )}
                  {month && <Text size="sm">{t('alpha.month', { calls: formats.number(month.calls) })}</Text>}
                  {certificate && !choice.isOwn && student.isRegistered && (
                    <Group>
                      <Button variant="default" onClick={() => setAsking(true)}>
                        {t('alpha.certify', { alpha: formats.percent(choice.alpha) })}
                      </Button>
                    </Group>
                  )}
                  <Modal
                    opened={isAsking}
                    onClose={() => setAsking(false)}
                    title={t('alpha.certify', { alpha: formats.percent(choice.alpha) })}
                    closeButtonProps={{ 'aria-label': common('close') }}
                  >
                    <Stack>
                      <Text>{t('alpha.confirm', { alpha: formats.percent(choice.alpha) })}</Text>
                      {act.error && <ErrorNotice error={act.error} />}
                      <Group justify="end">
                        <Button variant="default" onClick={() => setAsking(false)}>
                          {common('cancel')}
                        </Button>
                        <Button loading={act.isPending} onClick={() => act.mutate(choice.alpha)}>
                          {t('alpha.certify', { alpha: formats.percent(choice.alpha) })}
                        </Button>
                      </Group>
                    </Stack>
                  </Modal>
                </>
              )}
            </Stack>
          );
        }}
      </Answer>
    </Section>
  );
}
