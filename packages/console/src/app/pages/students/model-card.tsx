/**
 * The model card, as it is written: Markdown, shown as text.
 *
 * @module
 */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { studentsKey } from './use-students.ts';

export function ModelCard({ id }: { id: string }) {
  const t = useTranslations('students.card');
  const [isShown, setShown] = useState(false);
  return (
    <Section title={t('title')}>
      <Group>
        <Button variant="default" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {t(isShown ? 'hide' : 'show')}
        </Button>
      </Group>
      {isShown && <Card id={id} />}
    </Section>
  );
}

function Card({ id }: { id: string }) {
  const query = useQuery({
    queryKey: [...studentsKey, 'card', id],
    queryFn: () => read(api.students[':id'].card.$get({ param: { id } })),
  });
  return (
    <Answer query={query}>
      {({ card }) => (
        // A file of the student's folder, written for whoever it is given to: in English, as cards are.
        <div lang="en">
          <RecordedText text={card} style={{ whiteSpace: 'pre-wrap', display: 'block' }} />
        </div>
      )}
    </Answer>
  );
}
