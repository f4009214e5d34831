/**
 * What the month may cost, has cost and has left.
 *
 * @module
 */
import { Progress, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';

const ask = () => read(api.keys.budgets.$get());
type Row = Awaited<ReturnType<typeof ask>>['budgets'][number];

export function Budgets() {
  const t = useTranslations('keys');
  const query = useQuery({ queryKey: ['keys', 'budgets'], queryFn: ask });
  return (
    <Stack>
      <Text c="dimmed">{t('budgetsWhat')}</Text>
      <Answer query={query}>{({ budgets }) => <BudgetTable rows={budgets} />}</Answer>
      <Text size="sm" c="dimmed">
        {t('budgetsHint')}
      </Text>
    </Stack>
  );
}

function BudgetTable({ rows }: { rows: readonly Row[] }) {
  const t = useTranslations('keys');
  const { money, number, percent } = useFormats();
  const nameOf = ({ of, name, keyName }: Row) => {
    if (of === 'all') return t('subject.all');
    if (of === 'task') return name === null ? t('subject.noTask') : t('subject.task', { name });
    return t('subject.key', { name: keyName ?? name ?? '' });
  };
  const amount = (usd: number | null) => (usd === null ? '–' : money(usd));
  return (
    <Table.ScrollContainer
      minWidth={720}
      type="native"
      tabIndex={0}
      role="region"
      aria-label={t('tab.budgets')}
    >
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('of')}</Table.Th>
            {[t('calls'), t('spent'), t('reserved'), t('budget'), t('left')].map((head) => (
              <Table.Th key={head} scope="col" ta="end">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const { of, name, calls, spent, reserved, budget, left } = row;
            const share = budget === null || budget === 0 ? null : (spent + reserved) / budget;
            return (
              <Table.Tr key={`${of} ${name}`}>
                <Table.Th scope="row" maw="18rem">
                  <RecordedText text={nameOf(row)} isShort />
                  {share !== null && (
                    <>
                      <Progress
                        value={Math.min(100, share * 100)}
                        color={share >= 0.8 ? 'red.8' : 'cyan.8'}
                        aria-label={t('used', { share: percent(share, 0) })}
                      />
                      <Text size="xs" c="dimmed">
                        {t('used', { share: percent(share, 0) })}
                      </Text>
                    </>
                  )}
                </Table.Th>
                <Table.Td ta="end">{number(calls)}</Table.Td>
                <Table.Td ta="end">{money(spent)}</Table.Td>
                <Table.Td ta="end">{money(reserved)}</Table.Td>
                <Table.Td ta="end">{amount(budget)}</Table.Td>
                <Table.Td ta="end">{amount(left)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
