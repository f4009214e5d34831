/**
 * Several timelines as one picture, one above the other on one time axis, so that a millisecond is as wide in each:
 * a run as it was simulated and as it was, or one model under several schedules.
 *
 * @module
 */
import { describeTimeline, drawTimelines } from './draw-timelines.ts';
import { type Span, sliceTime, type Timeline, type TimeWindow, timeWindow } from './timeline.ts';

/** A timeline, and what to call it. */
export interface TitledTimeline {
  title: string;
  timeline: Timeline;
}

/** How `timelinesSvg` draws. */
export interface TimelinesSvgOptions {
  /** Above all rows, and the picture's name for those who don't see it. */
  title: string;
  /** One sentence under the title, and for those who don't see the picture. By default they are told what the headings tell. */
  description?: string;
  /** Pixels, 640 or more; the picture shrinks with the page. By default 960. */
  width?: number;
  /** What to show of each, from its first start on; by default everything. */
  window?: TimeWindow;
  /** The most spans to draw; all end early where there are more, and the picture says so. By default 4,000. */
  maxSpans?: number;
}

/**
 * Draws `timelines` below each other, as `timelineSvg` draws one. Each begins at the left edge, whatever its clock
 * shows. They may have different numbers of chips; how busy a chip was is a share of its own timeline's length.
 */
export function timelinesSvg(timelines: readonly TitledTimeline[], options: TimelinesSvgOptions): string {
  const { title, description, width, maxSpans = 4000 } = options;
  const windows = timelines.map(({ timeline }) => timeWindow(timeline));
  const longest = windows.reduce((length, { start, end }) => Math.max(length, end - start), 0);
  const asked = options.window ?? { start: 0, end: longest };
  const whole = timelines.map(({ timeline }, i) => spansIn(timeline, shifted(asked, windows[i]!.start)));
  const share = Math.floor(maxSpans / Math.max(1, timelines.length));
  // The first that has too many ends them all: what is beside each other must be of the same time.
  const end = whole.reduce(
    (earliest, spans, i) => Math.min(earliest, (spans[share]?.start ?? Infinity) - windows[i]!.start),
    asked.end,
  );
  const shown = { start: asked.start, end };
  let omitted = 0;
  const drawn = timelines.map(({ title: name, timeline }, i) => {
    const { start: first, end: last } = windows[i]!;
    const window = shifted(shown, first);
    const spans = spansIn(timeline, window);
    omitted += whole[i]!.length - spans.length;
    const from = Math.min(window.start, last);
    const extent = { start: from, end: Math.max(from, Math.min(window.end, last)) };
    const facts = describeTimeline(timeline, extent);
    return { heading: { title: name, facts }, timeline, spans, zero: window.start, extent };
  });
  return drawTimelines({
    title,
    description: description ?? drawn.map(({ heading }) => `${heading.title}: ${heading.facts}`).join('; '),
    subtitle: description,
    width,
    length: shown.end - shown.start,
    timelines: drawn,
    omitted,
  });
}

function spansIn(timeline: Timeline, window: TimeWindow): Span[] {
  return sliceTime(timeline, window).spans.sort((a, b) => a.start - b.start || a.chip - b.chip);
}

function shifted({ start, end }: TimeWindow, by: number): TimeWindow {
  return { start: start + by, end: end + by };
}
