/**
 * Leads to another student of the same task beside this one.
 *
 * @module
 */
import { Button, Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { Section } from '../../components/section.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { useStudentName } from './student-name.tsx';
import { type Place, type Student, useStudents } from './use-students.ts';

export function CompareWith({ student }: { student: Student }) {
  const t = useTranslations('students.compare');
  return (
    <Section title={t('title')}>
      <Answer query={useStudents()}>
        {({ places }) => {
          const others = places.filter(
            ({ task, digest }) => task === student.task && digest !== student.digest,
          );
          return others.length === 0 ? <Text>{t('none')}</Text> : <Choice id={student.id} others={others} />;
        }}
      </Answer>
    </Section>
  );
}

function Choice({ id, others }: { id: string; others: readonly Place[] }) {
  const t = useTranslations('students');
  const common = useTranslations('common');
  const nameOf = useStudentName();
  const formats = useFormats();
  const [, go] = useLocation();
  const [other, setOther] = useState(others[0]!.id);
  return (
    <Group align="end">
      <Select
        label={t('compare.choose')}
        value={other}
        onChange={(value) => value !== null && setOther(value)}
        allowDeselect={false}
        data={others.map((place) => ({
          value: place.id,
          label: [
            nameOf(place.digest),
            ...(place.registeredAt === null ? [] : [formats.date(place.registeredAt)]),
            ...(place.state === 'waiting' ? [] : [common(`service.${place.state}`)]),
          ].join(' · '),
        }))}
        w="min(100%, 28rem)"
      />
      <Button onClick={() => go(`/${encodeURIComponent(id)}/beside/${encodeURIComponent(other)}`)}>
        {t('compare.submit')}
      </Button>
    </Group>
  );
}
