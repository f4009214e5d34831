/**
 * Searching in the words of calls: opens them on the server, newest first, and says all the while how far it is.
 *
 * @module
 */
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { openEvents } from '../../lib/events.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { type CallRow, CallRows } from './call-rows.tsx';
import type { CallChoice } from './filters.ts';

interface Step {
  hits: CallRow[];
  looked: number;
  wordless: number;
  reached: string | null;
  next: string | null;
  done: boolean;
}

interface Search {
  text: string;
  hits: CallRow[];
  /** Of the pieces before this one. */
  before: { looked: number; wordless: number };
  step: Step | undefined;
  state: 'under' | 'stopped' | 'failed';
}

/** @param onActive told whether there is a search, whose hits take the place of the table */
export function WordSearch({ choice, onActive }: { choice: CallChoice; onActive: (is: boolean) => void }) {
  const t = useTranslations('calls');
  const formats = useFormats();
  const [text, setText] = useState('');
  const [search, setSearch] = useState<Search>();
  const source = useRef<ReturnType<typeof openEvents>>(undefined);
  const query = JSON.stringify(choice.query);
  const end = () => {
    source.current?.close();
    source.current = undefined;
  };
  // Other filters are another question.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the query's text is what counts
  useEffect(() => {
    setSearch(undefined);
    onActive(false);
    return end;
  }, [query]);

  const begin = (wanted: string, from: Search | undefined) => {
    end();
    const next = from?.step?.next ?? undefined;
    const params = new URLSearchParams({ ...choice.query, text: wanted, ...(next && { before: next }) });
    const before = {
      looked: (from?.before.looked ?? 0) + (from?.step?.looked ?? 0),
      wordless: (from?.before.wordless ?? 0) + (from?.step?.wordless ?? 0),
    };
    setSearch({ text: wanted, hits: from?.hits ?? [], before, step: undefined, state: 'under' });
    onActive(true);
    const events = openEvents(`calls/search?${params}`);
    source.current = events;
    const settle = (state: Search['state']) => {
      end();
      setSearch((now) => now && { ...now, state });
    };
    events.addEventListener('step', ({ data }) => {
      const step = JSON.parse(data) as Step;
      setSearch((now) => now && { ...now, step, hits: [...now.hits, ...step.hits] });
      if (step.done) settle('stopped');
    });
    events.addEventListener('failed', () => settle('failed'));
    events.addEventListener('error', () => settle('failed'));
  };

  const { step } = search ?? {};
  const looked = (search?.before.looked ?? 0) + (step?.looked ?? 0);
  const wordless = (search?.before.wordless ?? 0) + (step?.wordless ?? 0);
  return (
    <Stack gap="sm" mb="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') begin(text.trim(), undefined);
        }}
      >
        <Group align="end" gap="sm">
          <TextInput
            type="search"
            label={t('search.label')}
            description={t('search.hint')}
            value={text}
            maxLength={1_000}
            onChange={({ currentTarget }) => {
              setText(currentTarget.value);
              if (currentTarget.value === '') {
                end();
                setSearch(undefined);
                onActive(false);
              }
            }}
            style={{ flex: '1 1 16rem' }}
          />
          {search?.state === 'under' ? (
            <Button
              variant="default"
              onClick={() => {
                end();
                setSearch({ ...search, state: 'stopped' });
              }}
            >
              {t('search.stop')}
            </Button>
          ) : (
            <Button type="submit" disabled={text.trim() === ''}>
              {t('search.start')}
            </Button>
          )}
        </Group>
      </form>
      {search && (
        <>
          <Text size="sm" role="status">
            {search.state === 'under' && `${t('search.under')} `}
            {step?.reached &&
              t('search.looked', {
                looked,
                hits: search.hits.length,
                reached: formats.dateTime(step.reached),
              })}{' '}
            {wordless > 0 && t('search.wordless', { count: wordless })}{' '}
            {step?.done && step.next === null && t('search.all')}
          </Text>
          {search.state === 'failed' && (
            <Alert color="red" variant="outline" role="alert">
              {t('search.failed')}
            </Alert>
          )}
          {search.hits.length > 0 && <CallRows rows={search.hits} total={search.hits.length} />}
          {search.state === 'stopped' && step?.next && (
            <Group>
              <Button size="compact-sm" variant="default" onClick={() => begin(search.text, search)}>
                {t('search.more')}
              </Button>
            </Group>
          )}
        </>
      )}
    </Stack>
  );
}
