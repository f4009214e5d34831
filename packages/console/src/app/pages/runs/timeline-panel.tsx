/**
 * What the chips did, real above simulated on one time axis, to be zoomed into by wheel, keyboard and buttons.
 *
 * @module
 */

import { Button, Group, Table, Text } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ChipTimeline, type ChipTimelineProps, rowAt } from '../../../charts/chip-timeline.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { useTimelines } from './runs-data.ts';
import { afterKey, aside, moved, nearer, type TimeView, zoomed } from './time-view.ts';

const kinds = [
  { name: 'forward', kinds: ['forward'], shade: 'first' },
  { name: 'backwardInput', kinds: ['backwardInput'], shade: 'second' },
  { name: 'backwardWeight', kinds: ['backwardWeight'], shade: 'third' },
  { name: 'overlapped', kinds: ['overlapped'], shade: 'student' },
  { name: 'transfer', kinds: ['send', 'receive'], shade: 'wrong' },
  { name: 'reduce', kinds: ['scatter', 'gather'], shade: 'teacher' },
  { name: 'update', kinds: ['update'], shade: 'fourth' },
] as const;

export function TimelinePanel({ id, step }: { id: string; step: number | null }) {
  const t = useTranslations('runs');
  const { data, error, refetch } = useTimelines(id, step);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data?.timelines) return <Text>{t('noTimeline')}</Text>;
  return <Timelines {...data.timelines} />;
}

type Packed = NonNullable<NonNullable<ReturnType<typeof useTimelines>['data']>['timelines']>;

function Timelines({ step, real, simulated }: Packed) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const timelines = useMemo(
    () =>
      [
        { label: t('real'), ...real },
        { label: t('simulated'), ...simulated },
      ] as const,
    [real, simulated, t],
  );
  const whole = useMemo<TimeView>(
    () => ({
      start: 0,
      end: timelines.reduce(
        (end, { spans }) => spans.reduce((most, span) => Math.max(most, span.end), end),
        0,
      ),
    }),
    [timelines],
  );
  /** Null shows everything, also of the timelines that come after. */
  const [chosen, setChosen] = useState<TimeView | null>(null);
  const view = chosen ? moved(chosen, whole, 0) : whole;
  const change = (next: TimeView) =>
    setChosen(next.start <= whole.start && next.end >= whole.end ? null : next);
  const [told, setTold] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const momentAt = (clientX: number) => {
    const { left, width } = box.current!.getBoundingClientRect();
    return view.start + ((clientX - left) / width) * (view.end - view.start);
  };

  const onWheel = useRef<(event: WheelEvent) => void>(() => {});
  onWheel.current = (event) => {
    // Without a key held, the wheel is the page's, unless the timeline was chosen.
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== box.current) return;
    event.preventDefault();
    change(zoomed(view, whole, event.deltaY < 0 ? nearer : 1 / nearer, momentAt(event.clientX)));
  };
  useEffect(() => {
    const element = box.current;
    // React listens without the right to hold the page still.
    const listen = (event: WheelEvent) => onWheel.current(event);
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = afterKey(event.key, view, whole);
    if (!next) return;
    event.preventDefault();
    change(next);
  };

  const labelOf = (kind: string) => {
    const found = kinds.find((one) => (one.kinds as readonly string[]).includes(kind));
    return found ? t(`kinds.${found.name}`) : kind;
  };
  const onPointerMove = (event: PointerEvent) => {
    const svg = box.current?.querySelector('svg.k-chart')?.getBoundingClientRect();
    const row = svg && rowAt(timelines, event.clientY - svg.top);
    const at = momentAt(event.clientX);
    const span =
      row &&
      timelines[row.timeline]?.spans.find((one) => one.chip === row.chip && one.start <= at && at < one.end);
    if (!row || !span) return setTold('');
    const { stage, microbatch } = span;
    setTold(
      t('spanTold', {
        chip: t('chip', { n: row.chip + 1 }),
        kind: labelOf(span.kind),
        stage:
          microbatch === undefined
            ? t('stageOnly', { stage: stage + 1 })
            : t('stageMicrobatch', { stage: stage + 1, microbatch: microbatch + 1 }),
        time: `${formats.number(span.end - span.start, 2)} ms`,
      }),
    );
  };

  const drawn: ChipTimelineProps['kinds'] = kinds
    .filter((one) =>
      timelines.some(({ spans }) =>
        spans.some(({ kind }) => (one.kinds as readonly string[]).includes(kind)),
      ),
    )
    .map(({ name, shade, kinds: own }) => ({ kinds: own, shade, label: t(`kinds.${name}`) }));
  const buttons = [
    [t('zoomIn'), () => zoomed(view, whole, nearer)],
    [t('zoomOut'), () => zoomed(view, whole, 1 / nearer)],
    [t('earlier'), () => moved(view, whole, -aside)],
    [t('later'), () => moved(view, whole, aside)],
    [t('everything'), () => whole],
  ] as const;
  const shown = t('shown', { from: formats.number(view.start, 1), to: formats.number(view.end, 1) });
  return (
    <>
      <Text mb="sm">{t('timelineTold', { step: formats.number(step) })}</Text>
      <Group gap="xs" mb="sm">
        {buttons.map(([label, next]) => (
          <Button key={label} size="compact-sm" variant="default" onClick={() => change(next())}>
            {label}
          </Button>
        ))}
      </Group>
      <section
        ref={box}
        aria-label={`${t('timeline')}: ${shown}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys, as a region that scrolls is
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setTold('')}
      >
        <ChipTimeline
          title={t('timeline')}
          description={t('timelineTold', { step: formats.number(step) })}
          timelines={timelines}
          kinds={drawn}
          window={view}
          chipLabel={(chip) => t('chip', { n: chip + 1 })}
        />
      </section>
      <Text size="sm" role="status" mih="1.5em">
        {told === '' ? shown : told}
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        {t('timelineHint')}
      </Text>
      <Table.ScrollContainer minWidth={420} scrollAreaProps={{ tabIndex: 0 }}>
        <Table captionSide="top">
          <Table.Caption>{t('useTitle')}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {['', t('busy'), t('transfer'), t('idle')].map((name) =>
                name === '' ? <Table.Td key={name} /> : <Table.Th key={name}>{name}</Table.Th>,
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {timelines.flatMap((timeline) =>
              timeline.use.map(({ busy, transfer, idle }, chip) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: chips are known by their number
                <Table.Tr key={`${timeline.label} ${chip}`}>
                  <Table.Th scope="row">
                    {timeline.label}, {t('chip', { n: chip + 1 })}
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
    </>
  );
}
