/**
 * One provider: standing, record, law, key, terms, prices.
 *
 * @module
 */
import { Badge, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Facts } from '../../components/facts.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { useFailureText } from '../../components/use-failure-text.ts';
import { useFormats } from '../../lib/use-formats.ts';
import type { ProvidersState } from './ask-providers.ts';

type Provider = ProvidersState['providers'][number];

export function ProviderCard({ provider }: { provider: Provider }) {
  const t = useTranslations('providers');
  const { name, address, jurisdiction, keyVariable, canBeAsked, done } = provider;
  const key =
    keyVariable === null
      ? t('keyNone')
      : t(canBeAsked ? 'keyPresent' : 'keyMissing', { variable: keyVariable });
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {name}
          </Title>
          <Standing provider={provider} />
        </Group>
        <Facts
          rows={[
            [t('address'), <RecordedText key="address" text={address} />],
            [t('law'), jurisdiction ?? t('lawUnknown')],
            [t('key'), key],
          ]}
        />
        {done === null ? <Text>{t('noCalls')}</Text> : <Done done={done} />}
        <Terms terms={provider.terms} />
        {provider.prices.length > 0 && <Prices prices={provider.prices} />}
      </Stack>
    </Paper>
  );
}

function Standing({ provider: { canBeAsked, suspended, leftAloneMs } }: { provider: Provider }) {
  const t = useTranslations('providers.standing');
  const { duration } = useFormats();
  if (!canBeAsked) return <Text c="dimmed">{t('unavailable')}</Text>;
  if (!suspended)
    return (
      <Badge variant="outline" color="gray">
        {t('ready')}
      </Badge>
    );
  return (
    <Text fw={600}>{leftAloneMs > 0 ? t('suspended', { for: duration(leftAloneMs) }) : t('trying')}</Text>
  );
}

function Done({ done }: { done: NonNullable<Provider['done']> }) {
  const t = useTranslations('providers');
  const { number, percent, duration, dateTime, list } = useFormats();
  const failure = useFailureText();
  const { asked, failed, passedOn, aborted, errorCodes, latency, meanFailedMs, lastError } = done;
  const share = (n: number) => t('errorShare', { n: number(n), share: percent(n / asked) });
  return (
    <Facts
      rows={[
        [t('asked'), number(asked)],
        [t('failed'), share(failed)],
        [t('passedOn'), share(passedOn)],
        [t('aborted'), share(aborted)],
        [t('latency'), latency ? [latency.p50, latency.p95, latency.p99].map(duration).join(' · ') : '–'],
        [t('failedAfter'), meanFailedMs === null ? '–' : duration(Math.round(meanFailedMs))],
        [
          t('lastError'),
          lastError
            ? t('lastErrorAt', { failure: failure(lastError.code), at: dateTime(lastError.at) })
            : t('noError'),
        ],
        ...(errorCodes.length > 0
          ? ([
              [
                t('codes'),
                list(
                  errorCodes.map(({ code, times }) =>
                    t('failureTimes', { failure: failure(code), times: number(times) }),
                  ),
                ),
              ],
            ] as const)
          : []),
      ]}
    />
  );
}

function Terms({ terms }: { terms: Provider['terms'] }) {
  const t = useTranslations('providers');
  const { day } = useFormats();
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {t('terms')}
      </Title>
      {terms === null ? (
        <Text size="sm">{t('termsNone')}</Text>
      ) : (
        <>
          <Text size="sm">
            {t('termsSay', {
              verdict: t(`verdict.${typeof terms.distillation === 'string' ? terms.distillation : 'mixed'}`),
            })}
            {terms.date !== undefined && ` (${t('readOn', { date: day(terms.date) })})`}
          </Text>
          {terms.clause !== undefined && (
            <Text size="sm" component="blockquote" m={0}>
              <RecordedText text={terms.clause} />
            </Text>
          )}
          {terms.url !== undefined && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {terms.url}
            </Text>
          )}
          {terms.permission && (
            <Text size="sm">
              {t('permission', {
                reference: terms.permission.reference,
                date: day(terms.permission.date),
              })}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}

function Prices({ prices }: { prices: Provider['prices'] }) {
  const t = useTranslations('providers');
  const { number, day } = useFormats();
  const amount = (value: number | undefined) => (value === undefined ? '–' : number(value, 4));
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {t('prices')}
      </Title>
      <Table.ScrollContainer minWidth={0} scrollAreaProps={{ type: 'auto' }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {(['model', 'input', 'cached', 'output', 'from'] as const).map((column) => (
                <Table.Th key={column} scope="col">
                  {t(`price.${column}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {prices.map(({ model, price, source, package: from, date }) => (
              <Table.Tr key={model}>
                <Table.Th scope="row">{model}</Table.Th>
                <Table.Td>{amount(price.inputPerMillion)}</Table.Td>
                <Table.Td>{amount(price.cachedInputPerMillion)}</Table.Td>
                <Table.Td>{amount(price.outputPerMillion)}</Table.Td>
                <Table.Td>
                  {t(date === null ? 'priceFrom.undated' : `priceFrom.${source}`, {
                    ...{ name: from?.name ?? '', version: from?.version ?? '' },
                    date: date === null ? '' : day(date),
                  })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
