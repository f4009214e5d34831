/**
 * What the chips did, real above simulated on one time axis.
 *
 * @module
 */
import { Table, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useChart } from '../../../charts/settings.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { useTimelines } from './runs-data.ts';
import { TimelineGrid } from './timeline-grid.tsx';

type Timelines = NonNullable<NonNullable<ReturnType<typeof useTimelines>['data']>['timelines']>;

export function TimelinePanel({ id, step }: { id: string; step: number | null }) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const hintId = useId();
  const { data, error, refetch } = useTimelines(id, step);
  /** Nobody can go from bar to bar while others take their places. */
  const [held, setHeld] = useState<Timelines | null>(null);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  const shown = held ?? data?.timelines;
  if (!shown) return <Text>{t('noTimeline')}</Text>;
  const told = t('timelineTold', { step: formats.number(shown.step) });
  return (
    <>
      <Text mb="sm">{told}</Text>
      <TimelineGrid
        {...{ real: shown.real, simulated: shown.simulated, description: told, hintId }}
        onFocus={() => setHeld(shown)}
        onBlur={() => setHeld(null)}
      />
      <Text id={hintId} size="sm" c="dimmed" mb="md">
        {t('timelineHint')}
      </Text>
      <UseTable {...shown} />
    </>
  );
}

function UseTable({ real, simulated }: Pick<Timelines, 'real' | 'simulated'>) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const { words } = useChart();
  const heads = ['', t('busy'), t('transfer'), t('idle')];
  return (
    <Table.ScrollContainer minWidth={420} scrollAreaProps={{ tabIndex: 0 }}>
      <Table captionSide="top">
        <Table.Caption>{t('useTitle')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {heads.map((name) =>
              name === '' ? <Table.Td key={name} /> : <Table.Th key={name}>{name}</Table.Th>,
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.entries({ real, simulated }).flatMap(([name, { use }]) =>
            use.map(({ busy, transfer, idle }, chip) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: chips are known by their number
              <Table.Tr key={`${name} ${chip}`}>
                <Table.Th scope="row">
                  {t(name as 'real' | 'simulated')}, {words.chip({ n: formats.number(chip + 1) })}
                </Table.Th>
                <Table.Td>{formats.percent(busy)}</Table.Td>
                <Table.Td>{formats.percent(transfer)}</Table.Td>
                <Table.Td>{formats.percent(idle)}</Table.Td>
              </Table.Tr>
            )),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
