/**
 * Two students on the same calls: how often each agrees with the teacher, and where they part.
 *
 * @module
 */
import { Anchor, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { useChart } from '../../../charts/settings.tsx';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { Answer } from '../../components/answer.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { api, read } from '../../lib/api.ts';
import { SmallTable } from './small-table.tsx';
import { useStudentName } from './student-name.tsx';
import { studentsKey, useStudents } from './use-students.ts';

const compare = (one: string, other: string) => read(api.students.compare.$post({ json: { one, other } }));
type Compared = Awaited<ReturnType<typeof compare>>;
type Examples = Compared['comparison']['examples']['onlyOne'];

export function ComparePage({ one, other }: { one: string; other: string }) {
  const t = useTranslations('students');
  const nameOfDigest = useStudentName();
  const places = useStudents().data?.places ?? [];
  const nameOf = (id: string) => nameOfDigest(places.find((place) => place.id === id)?.digest ?? id);
  const query = useQuery({
    queryKey: [...studentsKey, 'compare', one, other],
    queryFn: () => compare(one, other),
    // Both answer hundreds of texts for it: not again because somebody comes back to the page.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <>
      <Anchor component={Link} href={`/${encodeURIComponent(one)}`} size="sm">
        {nameOf(one)}
      </Anchor>
      <PageHeader title={t('compare.title')} />
      {query.isPending && (
        <Text mb="md" role="status">
          {t('compare.waiting')}
        </Text>
      )}
      <Answer query={query}>
        {(compared) => <Comparison compared={compared} names={[nameOf(one), nameOf(other)]} />}
      </Answer>
    </>
  );
}

function Comparison({ compared, names }: { compared: Compared; names: readonly [string, string] }) {
  const t = useTranslations('students.compare');
  const { percent, count, plain } = useChart().numbers;
  const { comparison, later, test } = compared;
  const { one, other, counts, examples } = comparison;
  const sides = [one, other] as const;
  return (
    <Stack gap="xl">
      <Text>{t('lead', { n: count(comparison.n), later: count(later), test: count(test) })}</Text>
      <Table.ScrollContainer minWidth={0}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              {names.map((name) => (
                <Table.Th key={name} scope="col">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row">{t('agreement')}</Table.Th>
              {sides.map(({ agreement, interval }, i) => (
                <Table.Td key={names[i]}>
                  {t('interval', {
                    share: percent(agreement),
                    low: percent(interval[0]),
                    high: percent(interval[1]),
                  })}
                </Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Th scope="row">{t('coverage')}</Table.Th>
              {sides.map(({ coverage }, i) => (
                <Table.Td key={names[i]}>{percent(coverage)}</Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Th scope="row">{t('disagreement')}</Table.Th>
              {sides.map(({ disagreementAmongAnswered }, i) => (
                <Table.Td key={names[i]}>
                  {disagreementAmongAnswered === null ? '–' : percent(disagreementAmongAnswered, 2)}
                </Table.Td>
              ))}
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <section>
        <Title order={2} size="h3">
          {t('counts')}
        </Title>
        <ShareBar
          title={t('counts')}
          parts={[
            { label: t('both'), value: counts.both, shade: 'student' },
            { label: t('onlyThis', { name: names[0] }), value: counts.onlyOne, shade: 'first' },
            { label: t('onlyThis', { name: names[1] }), value: counts.onlyOther, shade: 'second' },
            { label: t('neither'), value: counts.neither, shade: 'wrong' },
          ]}
        />
        <Text>
          {t('apart', { n: count(comparison.apart) })}{' '}
          {t('byChance', { p: plain(Number(comparison.byChance.toPrecision(2))) })}
        </Text>
      </section>
      <Where title={t('examples', { name: names[0] })} examples={examples.onlyOne} names={names} />
      <Where title={t('examples', { name: names[1] })} examples={examples.onlyOther} names={names} />
      <Where title={t('neitherExamples')} examples={examples.neither} names={names} />
    </Stack>
  );
}

function Where({
  title,
  examples,
  names,
}: {
  title: string;
  examples: Examples;
  names: readonly [string, string];
}) {
  const t = useTranslations('students');
  const { percent } = useChart().numbers;
  if (examples.length === 0)
    return (
      <section>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text>{t('compare.noExamples')}</Text>
      </section>
    );
  const said = ({ answer, confidence }: Examples[number]['one']) => (
    <>
      <RecordedText text={answer} display="inline" /> ({percent(confidence)})
    </>
  );
  return (
    <SmallTable
      caption={title}
      heads={[t('quality.text'), t('compare.teacher'), ...names]}
      rows={examples.map(({ text, teacher, one, other }) => [
        <RecordedText key="text" text={text} />,
        <RecordedText key="teacher" text={teacher} />,
        said(one),
        said(other),
      ])}
    />
  );
}
