/**
 * Which tasks would still have an answer without a provider, or without all under one law.
 *
 * @module
 */
import { NativeSelect, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ProvidersState } from './ask-providers.ts';

type Bans = ProvidersState['bans'];
type Teacher = NonNullable<Bans[number]['tasks'][number]['teacher']>;

export function WhatIf({ bans }: { bans: Bans }) {
  const t = useTranslations('providers.whatIf');
  const [chosen, setChosen] = useState('');
  const lawOf = ({ isInHouse, jurisdiction }: Teacher) =>
    isInHouse ? t('inHouse') : jurisdiction === null ? t('lawUnknown') : t('law', { name: jurisdiction });
  const ban = bans.find(({ what, name }) => `${what}:${name}` === chosen);
  const whole = ban?.tasks.filter(({ left }) =>
    ['untouched', 'fallback', 'reserve', 'student'].includes(left),
  );
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="what-if">
      <Stack gap="sm">
        <Title order={2} size="h4" id="what-if">
          {t('title')}
        </Title>
        <NativeSelect
          label={t('choose')}
          value={chosen}
          onChange={({ currentTarget: { value } }) => setChosen(value)}
          data={[
            { value: '', label: t('none') },
            ...bans.map(({ what, name }) => ({ value: `${what}:${name}`, label: t(what, { name }) })),
          ]}
        />
        <Text aria-live="polite">
          {ban && whole ? t('sum', { left: whole.length, all: ban.tasks.length }) : t('choosePrompt')}
        </Text>
        {ban && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t('task')}</Table.Th>
                <Table.Th scope="col">{t('left')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {ban.tasks.map(({ task, left, teacher }) => (
                <Table.Tr key={task}>
                  <Table.Th scope="row">{task}</Table.Th>
                  <Table.Td>
                    {t(`leftover.${left}`, {
                      ...{ provider: teacher?.provider ?? '', model: teacher?.model ?? '' },
                      law: teacher ? lawOf(teacher) : '',
                    })}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Paper>
  );
}
