/**
 * Why the student answers a text as it does.
 *
 * @module
 */
import { Button, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { MarkedText } from '../../../charts/marked-text.tsx';
import { useChart } from '../../../charts/settings.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Loading } from '../../components/loading.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { SmallTable } from './small-table.tsx';

const explain = (id: string, text: string, neighbours: boolean) =>
  read(api.students[':id'].explain.$post({ param: { id }, json: { text, neighbours } }));
type Explained = Awaited<ReturnType<typeof explain>>;

/** More words than this weigh too little to be read. */
const mostWords = 20;

export interface ExplainSectionProps {
  id: string;
  isWithdrawn: boolean;
}

export function ExplainSection({ id, isWithdrawn }: ExplainSectionProps) {
  const t = useTranslations('students.explain');
  const [text, setText] = useState('');
  const words = useMutation({ mutationFn: (given: string) => explain(id, given, false) });
  // What is near is sought in all that it learned from: that comes later than the words.
  const near = useMutation({ mutationFn: (given: string) => explain(id, given, true) });
  return (
    <Section title={t('title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          near.reset();
          words.mutate(text, { onSuccess: () => near.mutate(text) });
        }}
      >
        <Stack gap="sm">
          <Textarea
            label={t('text')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={12}
          />
          <Group>
            <Button type="submit" disabled={text.trim() === ''} loading={words.isPending}>
              {t('submit')}
            </Button>
          </Group>
        </Stack>
      </form>
      <div aria-live="polite">
        {words.error && <ErrorNotice error={words.error} />}
        {words.data && (
          <Stack gap="md" mt="md">
            <Words explained={words.data} isWithdrawn={isWithdrawn} />
            <div>
              <Title order={3} size="h5" mb="sm">
                {t('near')}
              </Title>
              {near.error && <ErrorNotice error={near.error} />}
              {near.isPending && <Loading />}
              {near.data && <Near explained={near.data} />}
            </div>
          </Stack>
        )}
      </div>
    </Section>
  );
}

function Words({ explained, isWithdrawn }: { explained: Explained; isWithdrawn: boolean }) {
  const t = useTranslations('students.explain');
  const { percent, signed } = useChart().numbers;
  const { answer, confidence, certified, runnerUp, words, text } = explained;
  const ranked = words.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return (
    <>
      <Text>
        {[
          t('says', { answer, confidence: percent(confidence) }),
          t(!certified ? 'uncertified' : isWithdrawn ? 'withdrawn' : 'certified'),
          ...(runnerUp
            ? [t('runnerUp', { answer: runnerUp.answer, confidence: percent(runnerUp.confidence) })]
            : []),
        ].map((sentence) => (
          <RecordedText key={sentence} text={`${sentence} `} display="inline" />
        ))}
      </Text>
      <Title order={3} size="h5">
        {t('decided')}
      </Title>
      <MarkedText
        text={text}
        words={words}
        show={(piece) => <RecordedText text={piece} display="inline" />}
      />
      <Text size="sm" c="dimmed">
        {t('legend')}
      </Text>
      <SmallTable
        caption={t('decided')}
        heads={[t('word'), { n: t('weight') }, { n: t('alone') }]}
        rows={ranked
          .slice(0, mostWords)
          .map((word) => [
            <RecordedText key="word" text={word.text} />,
            signed(word.contribution),
            signed(word.alone),
          ])}
      />
    </>
  );
}

function Near({ explained: { neighbours } }: { explained: Explained }) {
  const t = useTranslations('students.explain');
  const { plain } = useChart().numbers;
  if (!neighbours) return <Text>{t('nearMissing')}</Text>;
  return (
    <SmallTable
      caption={t('near')}
      heads={[t('nearText'), t('nearAnswer'), { n: t('likeness') }]}
      rows={neighbours.examples.map(({ text, answer, similarity }) => [
        <RecordedText key="text" text={text} />,
        <RecordedText key="answer" text={answer} />,
        plain(Number(similarity.toFixed(2))),
      ])}
    />
  );
}
