/**
 * The configuration's models by their price, each with its source and day.
 *
 * @module
 */
import { Stack, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { RankedBars } from '../../../charts/ranked-bars.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { EconomicsState } from './ask-economics.ts';

type Listed = EconomicsState['answer']['prices'][number];

export function ModelPrices({ prices }: { prices: readonly Listed[] }) {
  const t = useTranslations('economics');
  const { money, day } = useFormats();
  const sourceOf = ({ source, package: from, date, dateIs, pages }: Listed) =>
    t(date === null ? 'priceSource.undated' : `priceSource.${source}`, {
      ...{ name: from?.name ?? '', version: from?.version ?? '', date: date === null ? '' : day(date) },
      dateIs: t(dateIs === 'start of the price' ? 'dateIs.start' : 'dateIs.asOf'),
      page: pages[0] === undefined ? '' : `, ${pages[0]}`,
    });
  return (
    <Stack gap="sm" component="section" aria-label={t('prices')}>
      <Title order={2} size="h4">
        {t('prices')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('pricesHint')}
      </Text>
      <RankedBars
        title={t('prices')}
        format={money}
        rows={prices.map((one) => {
          const { inputPerMillion, cachedInputPerMillion, outputPerMillion } = one.price;
          const bars = [
            ['inputPerMillion', inputPerMillion],
            ...(cachedInputPerMillion === undefined
              ? []
              : [['cachedInputPerMillion', cachedInputPerMillion] as const]),
            ['outputPerMillion', outputPerMillion],
          ] as const;
          return {
            label: `${one.provider}/${one.model}`,
            bars: bars.map(([name, value]) => ({
              ...{ label: t(`figure.${name}`), value, shade: 'teacher' as const },
            })),
            note: [
              ...(one.perThousandCalls === null
                ? []
                : [t('perThousandCalls', { cost: money(one.perThousandCalls) })]),
              sourceOf(one),
            ].join(' · '),
          };
        })}
      />
    </Stack>
  );
}
