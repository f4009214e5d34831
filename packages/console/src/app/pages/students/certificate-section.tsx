/**
 * The certificate in words and figures, with what it does not promise.
 *
 * @module
 */
import { Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useChart } from '../../../charts/settings.tsx';
import { Facts } from '../../components/facts.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { Section } from '../../components/section.tsx';
import type { StudentFacts } from './use-students.ts';

export function CertificateSection({ facts: { certificate, reason, refusal } }: { facts: StudentFacts }) {
  const t = useTranslations('students.certificate');
  const { percent, plainPercent, count, confidence } = useChart().numbers;
  if (certificate === null)
    return (
      <Section title={t('none')}>
        {refusal ? (
          <Refusal of={refusal} />
        ) : (
          // Students made before reasons had codes tell it in English only.
          <Text lang={reason === null ? undefined : 'en'}>{reason ?? t('noReason')}</Text>
        )}
        <Text>{t('noneWhat')}</Text>
      </Section>
    );
  const { alpha, delta, threshold, coverage, coverageInterval, disagreementUpperBound, n } = certificate;
  return (
    <Section title={t('title')}>
      <Text>{t('promise', { least: plainPercent(1 - alpha), delta: plainPercent(delta) })}</Text>
      <Facts
        rows={[
          [t('from'), t('confidence', { threshold: confidence(threshold) })],
          [
            t('coverageName'),
            t('coverage', {
              coverage: percent(coverage),
              low: percent(coverageInterval[0]),
              high: percent(coverageInterval[1]),
            }),
          ],
          [
            t('atMost'),
            t('bound', {
              bound: percent(disagreementUpperBound, 2),
              n: count(n),
              alpha: plainPercent(alpha),
            }),
          ],
        ]}
      />
      <Text size="sm" c="dimmed">
        {t('not')}
      </Text>
    </Section>
  );
}
