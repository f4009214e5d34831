/**
 * Timelines to be looked at closely: zoomed into by wheel, keyboard and buttons, gone through bar by bar with the
 * arrow keys, and pointed at.
 *
 * @module
 */
import { Button, Group, Text } from '@mantine/core';
import {
  type KeyboardEvent,
  type MouseEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import { rowAt } from '../../../charts/chip-rows.ts';
import { ChipTimeline } from '../../../charts/chip-timeline.tsx';
import { type ChipRecord, tellSpan } from '../../../charts/chip-work.ts';
import { useChart } from '../../../charts/settings.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { afterArrow, type BarPlace, barRows, firstPlace, placeInView } from './bar-places.ts';
import { afterKey, aside, moved, nearer, showing, type TimeView, zoomed } from './time-view.ts';

export interface TimelineGridProps {
  readonly real: Omit<ChipRecord, 'label'>;
  readonly simulated: Omit<ChipRecord, 'label'>;
  readonly description: string;
  /** Of the element that says which keys there are. */
  readonly hintId: string;
  readonly onFocus: () => void;
  readonly onBlur: () => void;
}

export function TimelineGrid(props: TimelineGridProps) {
  const { real, simulated, description, hintId, onFocus, onBlur } = props;
  const t = useTranslations('runs');
  const formats = useFormats();
  const chart = useChart();
  const id = useId();
  const timelines = useMemo(
    () => [
      { label: t('real'), ...real },
      { label: t('simulated'), ...simulated },
    ],
    [real, simulated, t],
  );
  const rows = useMemo(() => barRows(timelines), [timelines]);
  const whole = useMemo<TimeView>(
    () => ({ start: 0, end: rows.flat().reduce((most, { end }) => Math.max(most, end), 0) }),
    [rows],
  );
  /** Null shows everything, also of the timelines that come after. */
  const [chosen, setChosen] = useState<TimeView | null>(null);
  const view = chosen ? moved(chosen, whole, 0) : whole;
  const show = (next: TimeView) =>
    setChosen(next.start <= whole.start && next.end >= whole.end ? null : next);

  const [place, setPlace] = useState<BarPlace | undefined>();
  // Timelines that come after may have fewer bars.
  const kept = place && rows[place.row]?.[place.index] ? place : firstPlace(rows);
  const span = kept && rows[kept.row]![kept.index]!;
  const active = kept && span ? { ...kept, span, id: `${id}-${kept.row}-${kept.index}` } : null;

  const rangeTold = ({ start, end }: TimeView) =>
    t('shown', { from: formats.number(start, 1), to: formats.number(end, 1) });
  /** What those hear who have asked for another part. */
  const [heard, setHeard] = useState('');
  const change = (next: TimeView) => {
    show(next);
    if (kept) setPlace(placeInView(rows, kept, next));
    setHeard(rangeTold(next));
  };

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
  const isEmpty = kept === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box comes with the first bar
  useEffect(() => {
    const element = box.current;
    // React listens without the right to hold the page still.
    const listen = (event: WheelEvent) => onWheel.current(event);
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  }, [isEmpty]);

  const goTo = (next: BarPlace) => {
    setPlace(next);
    show(showing(rows[next.row]![next.index]!, view, whole));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.altKey || !kept || !span) return;
    const next = afterArrow(event, rows, kept);
    if (next) goTo(next);
    else if (event.ctrlKey) return;
    else {
      const around = (Math.max(span.start, view.start) + Math.min(span.end, view.end)) / 2;
      const changed = afterKey(event.key, view, whole, around);
      // All of the bar, also where it was at the edge.
      if (changed) change(showing(span, changed, whole));
      // At the last bar, an arrow key doesn't begin to scroll the page.
      else if (!/^(Arrow|Home$|End$)/.test(event.key)) return;
    }
    event.preventDefault();
  };
  const activeId = active?.id;
  useLayoutEffect(() => {
    if (activeId === undefined || document.activeElement !== box.current) return;
    document.getElementById(activeId)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [activeId]);

  const placeAt = (event: MouseEvent): BarPlace | undefined => {
    const svg = box.current?.querySelector('svg')?.getBoundingClientRect();
    const found = svg && rowAt(timelines, event.clientY - svg.top);
    if (!found) return undefined;
    const row = timelines.slice(0, found.timeline).reduce((sum, { chips }) => sum + chips, found.chip);
    const at = momentAt(event.clientX);
    const index = rows[row]!.findIndex((one) => one.start <= at && at < one.end);
    return index < 0 ? undefined : { row, index };
  };
  const [pointed, setPointed] = useState<BarPlace | undefined>();
  const [hasFocus, setFocus] = useState(false);
  const told = (pointed && rows[pointed.row]?.[pointed.index]) ?? (hasFocus ? span : undefined);

  const buttons = [
    [t('zoomIn'), () => zoomed(view, whole, nearer)],
    [t('zoomOut'), () => zoomed(view, whole, 1 / nearer)],
    [t('earlier'), () => moved(view, whole, -aside)],
    [t('later'), () => moved(view, whole, aside)],
    [t('everything'), () => whole],
  ] as const;
  return (
    <>
      <Group gap="xs" mb="sm">
        {buttons.map(([label, next]) => (
          <Button key={label} size="compact-sm" variant="default" onClick={() => change(next())}>
            {label}
          </Button>
        ))}
      </Group>
      <ChipTimeline
        {...{ title: t('timeline'), description, timelines, window: view }}
        grid={{
          ...{ ref: box, active, onKeyDown, 'aria-describedby': hintId },
          onFocus: () => {
            setFocus(true);
            onFocus();
          },
          onBlur: () => {
            setFocus(false);
            onBlur();
          },
          onPointerMove: (event) => setPointed(placeAt(event)),
          onPointerLeave: () => setPointed(undefined),
          onClick: (event) => {
            const at = placeAt(event);
            if (at) goTo(at);
          },
        }}
      />
      {/* Who goes through the bars hears them by their own names. */}
      <Text size="sm" mih="1.5em" aria-hidden>
        {told ? tellSpan(told, chart) : rangeTold(view)}
      </Text>
      <div role="status" className="visually-hidden">
        {heard}
      </div>
    </>
  );
}
