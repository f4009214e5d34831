/**
 * A timeline as a picture: one row for each chip, time to the right, as one self-contained SVG element.
 *
 * It carries its own style, asks for no font, script or file, and takes text colour from the page around it,
 * dark or light. The same timeline always gives the same text. Written for thousands of spans, not for
 * millions: choose a window.
 *
 * @module
 */
import { describeTimeline, drawTimelines } from './draw-timelines.ts';
import { type Span, sliceTime, type Timeline, type TimeWindow, timeWindow } from './timeline.ts';

/** How `timelineSvg` draws. */
export interface TimelineSvgOptions {
  /** Above the rows, and the picture's name for those who don't see it. */
  title: string;
  /** One sentence under the title. By default it tells time, chips and their busy share. */
  description?: string;
  /** Pixels, 640 or more; the picture shrinks with the page. By default 960. */
  width?: number;
  /** What to show, by default everything. */
  window?: TimeWindow;
  /** The most spans to draw; the window ends early where there are more, and the picture says so. By default 4,000. */
  maxSpans?: number;
}

/**
 * Draws `timeline`.
 *
 * Colours can be set from the page by the CSS variables `--kolben-forward`, `--kolben-input`,
 * `--kolben-weight`, `--kolben-overlapped`, `--kolben-update` and `--kolben-transfer`.
 */
export function timelineSvg(timeline: Timeline, options: TimelineSvgOptions): string {
  const { window, spans, omitted } = chooseSpans(timeline, options);
  const description = options.description ?? describeTimeline(timeline, window);
  return drawTimelines({
    title: options.title,
    description,
    subtitle: description,
    width: options.width,
    length: window.end - window.start,
    timelines: [{ timeline, spans, zero: window.start, extent: window }],
    omitted,
  });
}

interface Shown {
  window: TimeWindow;
  /** By start. */
  spans: Span[];
  /** How many spans of the asked window aren't shown. */
  omitted: number;
}

function chooseSpans(
  timeline: Timeline,
  { window = timeWindow(timeline), maxSpans = 4000 }: TimelineSvgOptions,
): Shown {
  const inWindow = sliceTime(timeline, window).spans.sort((a, b) => a.start - b.start || a.chip - b.chip);
  const firstOmitted = inWindow[maxSpans];
  if (!firstOmitted) return { window, spans: inWindow, omitted: 0 };
  const shorter = { start: window.start, end: firstOmitted.start };
  const { spans } = sliceTime({ ...timeline, spans: inWindow }, shorter);
  return { window: shorter, spans, omitted: inWindow.length - spans.length };
}
