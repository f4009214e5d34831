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
  const { money, number, day } = useFormats();
  const byCalls = prices.every(({ perThousandCalls }) => perThousandCalls !== null);
  const sourceOf = ({ source, package: from, date, dateIs, pages }: Listed) =>
    from === null || date === null
      ? t('priceSource.configuration')
      : t(`priceSource.${source}`, {
          ...{ name: from.name, version: from.version, date: day(date) },
          dateIs: t(dateIs === 'start of the price' ? 'dateIs.start' : 'dateIs.release'),
          page: pages[0] === undefined ? '' : `, ${pages[0]}`,
        });
  return (
    <Stack gap="sm" component="section" aria-label={t('prices')}>
      <Title order={2} size="h4">
        {t('prices')}
      </Title>
      <Text size="sm" c="dimmed">
        {t(byCalls ? 'pricesHint' : 'pricesByInput')}
      </Text>
      <RankedBars
        title={t('prices')}
        format={money}
        rows={prices.map((one) => ({
          label: `${one.provider}/${one.model}`,
          value: one.perThousandCalls ?? one.price.inputPerMillion,
          shade: 'teacher' as const,
          note: t('priceNote', {
            input: number(one.price.inputPerMillion, 4),
            cached:
              one.price.cachedInputPerMillion === undefined
                ? '–'
                : number(one.price.cachedInputPerMillion, 4),
            output: number(one.price.outputPerMillion, 4),
            source: sourceOf(one),
          }),
        }))}
      />
    </Stack>
  );
}
