/**
 * Loss, agreement and pace over the steps of a run.
 *
 * @module
 */
import { SimpleGrid, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { StepCurves, type StepPoint } from '../../../charts/step-curves.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { RunPoint } from './runs-data.ts';

export function RunCurves({ points, steps }: { points: readonly RunPoint[]; steps: number }) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const of = (value: (point: RunPoint) => number | null): StepPoint[] =>
    points.flatMap((point) => {
      const found = value(point);
      return found === null ? [] : [{ step: point.step, value: found }];
    });
  const validation = of(({ validationLoss }) => validationLoss);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <Curve title={t('loss')} told={t('lossTold')}>
        <StepCurves
          title={t('loss')}
          description={t('lossTold')}
          steps={steps}
          format={(loss) => formats.number(loss, 3)}
          lines={[{ label: t('loss'), shade: 'train', points: of(({ loss }) => loss) }]}
        />
      </Curve>
      {validation.length > 0 && (
        <Curve title={t('validationLoss')} told={t('validationLossTold')}>
          <StepCurves
            title={t('validationLoss')}
            description={t('validationLossTold')}
            steps={steps}
            format={(loss) => formats.number(loss, 3)}
            lines={[{ label: t('validationLoss'), shade: 'student', points: validation }]}
          />
        </Curve>
      )}
      <Curve title={t('agreement')}>
        <StepCurves
          title={t('agreement')}
          description={t('agreementTold')}
          steps={steps}
          domain={[0, 1]}
          format={(share) => formats.percent(share)}
          lines={[{ label: t('agreement'), shade: 'student', points: of(({ agreement }) => agreement) }]}
        />
      </Curve>
      <Curve title={t('tokens')}>
        <StepCurves
          title={t('tokens')}
          description={t('tokensTold')}
          steps={steps}
          format={formats.short}
          lines={[{ label: t('tokens'), shade: 'first', points: of((point) => point.tokensPerSecond) }]}
        />
      </Curve>
    </SimpleGrid>
  );
}

interface CurveProps {
  title: string;
  /** What it shows, for who can't tell by its title. */
  told?: string;
  children: ReactNode;
}

function Curve({ title, told, children }: CurveProps) {
  return (
    <section aria-label={title} style={{ minWidth: 0 }}>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
      {told !== undefined && (
        <Text size="sm" c="dimmed">
          {told}
        </Text>
      )}
    </section>
  );
}
