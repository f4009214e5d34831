/**
 * The answer that is right where neither gave it: one of the task's labels, where it has labels, else free text. What is
 * decided is taught, so a label that the task never had is asked for in so many words.
 *
 * @module
 */
import { Alert, Button, Group, MultiSelect, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { api, read } from '../../lib/api.ts';

export interface RightAnswerProps {
  task: string;
  /** What was decided before; empty: nothing. */
  first: string;
  isPending: boolean;
  onSave: (answer: string, isNewLabel: boolean) => void;
}

const askLabels = (task: string) => read(api.tasks.labels[':task'].$get({ param: { task } }));
type Known = NonNullable<Awaited<ReturnType<typeof askLabels>>['known']>;

export function RightAnswer(props: RightAnswerProps) {
  const { task } = props;
  const query = useQuery({ queryKey: ['tasks', 'labels', task], queryFn: () => askLabels(task) });
  return (
    <Answer query={query}>
      {({ known }) => (known ? <Label {...props} known={known} /> : <FreeText {...props} />)}
    </Answer>
  );
}

function FreeText({ first, isPending, onSave }: RightAnswerProps) {
  const t = useTranslations('tasks.disagreements');
  const [answer, setAnswer] = useState(first);
  return (
    <Stack gap="xs">
      <Textarea
        label={t('answer')}
        value={answer}
        autosize
        onChange={({ currentTarget }) => setAnswer(currentTarget.value)}
      />
      <Group>
        <Button
          size="compact-sm"
          disabled={answer.trim() === ''}
          loading={isPending}
          onClick={() => onSave(answer, false)}
        >
          {t('save')}
        </Button>
      </Group>
    </Stack>
  );
}

function Label({ first, known, isPending, onSave }: RightAnswerProps & { known: Known }) {
  const t = useTranslations('tasks.disagreements');
  const { multiple } = known;
  const labels = [...known.labels];
  const [picked, setPicked] = useState(() => pickedIn(first, known));
  const [search, setSearch] = useState(multiple ? '' : (picked[0] ?? ''));
  const [fresh, setFresh] = useState<string>();
  const typed = fresh?.normalize('NFC').trim() ?? '';
  const isNew = typed !== '' && !labels.includes(typed);
  // Who types the one label hasn't picked it.
  const kept = multiple || fresh === undefined ? picked : [];
  const chosen = typed === '' ? kept : [...kept, typed];
  const save = () => onSave(multiple ? JSON.stringify(chosen) : chosen[0]!, isNew);
  const sought = search.trim().toLowerCase();
  const common = {
    ...{ label: t('answer'), data: labels, searchable: true, comboboxProps: { withinPortal: false } },
    ...{ searchValue: search, onSearchChange: setSearch },
    error: !labels.some((label) => label.toLowerCase().includes(sought)) && t('noSuchLabel'),
  };
  return (
    <Stack gap="xs" maw="28rem">
      {multiple ? (
        <MultiSelect {...common} value={picked} onChange={setPicked} />
      ) : (
        fresh === undefined && (
          <Select
            {...common}
            value={picked[0] ?? null}
            onChange={(value) => setPicked(value === null ? [] : [value])}
          />
        )
      )}
      {fresh !== undefined && (
        <TextInput
          label={t('newLabel')}
          value={fresh}
          onChange={({ currentTarget }) => setFresh(currentTarget.value)}
        />
      )}
      {isNew && (
        <Alert color="yellow" variant="outline" role="status">
          {t('newLabelWhat', { label: typed })}
        </Alert>
      )}
      <Group>
        <Button size="compact-sm" disabled={chosen.length === 0} loading={isPending} onClick={save}>
          {t(isNew ? 'saveNew' : 'save')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setFresh(fresh === undefined ? '' : undefined)}
        >
          {t(fresh === undefined ? 'notListed' : 'listed')}
        </Button>
      </Group>
    </Stack>
  );
}

/** Of what was decided before, the labels that the list has. */
function pickedIn(first: string, { labels, multiple }: Known): string[] {
  if (!multiple) return labels.includes(first) ? [first] : [];
  try {
    const named: unknown = JSON.parse(first);
    return Array.isArray(named) ? labels.filter((label) => named.includes(label)) : [];
  } catch {
    return [];
  }
}
