/**
 * What pictures of one and of several timelines have in common: one row for each chip, time to the right.
 *
 * @module
 */
import { chipUse, type Span, spansByChip, type Timeline, type TimeWindow } from './timeline.ts';

/** One of the timelines of a picture. All times are on its own clock. */
export interface DrawnTimeline {
  /** Above its rows; where there is one timeline, the picture's own title will do. */
  heading?: { title: string; facts: string };
  timeline: Timeline;
  /** Those to be drawn, by start, cut where the picture ends. */
  spans: Span[];
  /** The time at the left edge. */
  zero: number;
  /** What chips are busy and waiting in. */
  extent: TimeWindow;
}

/** A picture of timelines on one time axis. */
export interface TimelinePicture {
  title: string;
  /** For those who don't see it. */
  description: string;
  /** Under the title. */
  subtitle?: string;
  /** Pixels, 640 or more. */
  width?: number;
  /** Milliseconds from the left edge to the right one. */
  length: number;
  timelines: readonly DrawnTimeline[];
  /** How many spans aren't drawn, there being too many. */
  omitted: number;
}

interface Look {
  kinds: readonly Span['kind'][];
  /** Class of the group, and the name of the CSS variable that overrides the colour. */
  name: string;
  label: string;
  /** Three to one and more against white and near-black, and white letters readable on it. */
  colour: string;
}

/** In the order of the legend. */
const looks: readonly Look[] = [
  { kinds: ['forward'], name: 'forward', label: 'forward', colour: '#2f6fd0' },
  { kinds: ['backwardInput'], name: 'input', label: 'input gradient', colour: '#c4501b' },
  { kinds: ['backwardWeight'], name: 'weight', label: 'weight gradient', colour: '#14806a' },
  { kinds: ['overlapped'], name: 'overlapped', label: 'overlapped pair', colour: '#8a6a00' },
  { kinds: ['update'], name: 'update', label: 'update', colour: '#9450c4' },
  { kinds: ['send', 'receive', 'scatter', 'gather'], name: 'transfer', label: 'transfer', colour: '#6b7280' },
];

const margin = { left: 58, right: 64 };
const rowHeight = 28;
const rowGap = 12;
const headingHeight = 26;

/** The picture as one SVG element. */
export function drawTimelines(picture: TimelinePicture): string {
  const { title, description, subtitle, length, timelines, omitted } = picture;
  const width = Math.max(640, Math.round(picture.width ?? 960));
  const plotWidth = width - margin.left - margin.right;
  const x = (time: number): number => (length > 0 ? (time / length) * plotWidth : 0);
  const legendTop = subtitle === undefined ? 36 : 56;
  const rowsTop = legendTop + 28;
  let rowsBottom = rowsTop - rowGap;
  const tops = timelines.map(({ heading, timeline }) => {
    const top = rowsBottom + rowGap + (heading ? headingHeight : 0);
    rowsBottom = top + timeline.chips * (rowHeight + rowGap) - rowGap;
    return top;
  });
  const height = rowsBottom + 34;
  const unit = unitFor(length);
  const allSpans = timelines.flatMap(({ spans }) => spans);
  const parts: string[] = [];

  parts.push(
    `<svg xmlns="http://www.w3.org/2000/svg" class="kolben-timeline" role="img" aria-label="${escapeXml(`${title}. ${description}`)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>`,
    `<style>${style()}</style>`,
    `<text class="name" x="0" y="18">${escapeXml(title)}</text>`,
    subtitle === undefined ? '' : `<text class="quiet" x="0" y="38">${escapeXml(subtitle)}</text>`,
    legend(allSpans, omitted, legendTop),
    `<text class="quiet busy" x="${width}" y="${legendTop + 10}">busy</text>`,
  );

  for (const { time, label } of ticks(length, plotWidth, unit)) {
    const at = coordinate(margin.left + x(time));
    parts.push(
      `<path class="grid" d="M${at} ${rowsTop - 4}V${rowsBottom + 6}"/>`,
      `<text class="quiet tick" x="${at}" y="${rowsBottom + 22}">${label}</text>`,
    );
  }

  for (const [i, drawn] of timelines.entries()) parts.push(...rows(drawn, tops[i]!, { width, x, unit }));
  parts.push('</svg>');
  return parts.filter((part) => part !== '').join('\n');
}

interface Axis {
  width: number;
  /** Pixels from the left edge of the plot, of a time from the left edge of the picture. */
  x: (time: number) => number;
  unit: Unit;
}

/** The heading and the rows of one timeline; the first row begins at `top`. */
function rows(
  { heading, timeline, spans, zero, extent }: DrawnTimeline,
  top: number,
  { width, x, unit }: Axis,
): string[] {
  const parts: string[] = [];
  if (heading)
    parts.push(
      `<text x="0" y="${top - 11}"><tspan class="part">${escapeXml(heading.title)}</tspan><tspan class="facts" dx="10">${escapeXml(heading.facts)}</tspan></text>`,
    );
  const at = (time: number): number => x(time - zero);
  const track = at(extent.end) - at(extent.start);
  const use = chipUse(timeline, extent);
  const severalSteps = spans.some(({ step }) => step !== spans[0]!.step);
  const severalStages = hasSeveralStages(timeline);
  for (const [chip, own] of spansByChip({ chips: timeline.chips, spans }).entries()) {
    const rowTop = top + chip * (rowHeight + rowGap);
    parts.push(
      `<text class="chip" x="${margin.left - 10}" y="${rowTop + 18}">chip ${chip}</text>`,
      `<text class="busy" x="${width}" y="${rowTop + 18}">${percent(use[chip]!.busyShare)}</text>`,
      `<g transform="translate(${margin.left} ${rowTop})">`,
      `<path class="track" d="M${coordinate(at(extent.start))} 0h${coordinate(track)}v${rowHeight}h-${coordinate(track)}z"/>`,
    );
    if (severalSteps) parts.push(stepMarks(own, at));
    for (const look of looks) parts.push(bars(own, look, at, zero, unit, severalStages));
    parts.push('</g>');
  }
  return parts;
}

/** `412 ms on 2 chips, 83.1 % busy on average`: of a timeline, or of a window of it. */
export function describeTimeline(timeline: Timeline, window: TimeWindow): string {
  const length = window.end - window.start;
  const unit = unitFor(length);
  const duration = `${trimmed(length / unit.milliseconds, length >= 100 * unit.milliseconds ? 0 : 1)} ${unit.name}`;
  const chips = timeline.chips === 1 ? '1 chip' : `${timeline.chips} chips`;
  const busy = chipUse(timeline, window).reduce((sum, { busyShare }) => sum + busyShare, 0);
  const mean = busy / Math.max(1, timeline.chips);
  return `${duration} on ${chips}, ${percent(mean)} busy on average`;
}

function style(): string {
  const rules = looks.map(
    // The plain colour first: some renderers know no CSS variables.
    ({ name, colour }) => `.kolben-timeline .${name}{fill:${colour};fill:var(--kolben-${name},${colour})}`,
  );
  return [
    '.kolben-timeline{font:12px system-ui,sans-serif;max-width:100%;height:auto;overflow:visible}',
    // Only when the picture is a document of its own; inside a page, the page decides.
    '@media (prefers-color-scheme:dark){svg.kolben-timeline:root{color:#e6e6e6}}',
    '.kolben-timeline text{fill:currentColor}',
    '.kolben-timeline .name{font-size:15px;font-weight:600}',
    '.kolben-timeline .part{font-weight:600}',
    '.kolben-timeline .facts{fill-opacity:.72}',
    '.kolben-timeline .quiet{opacity:.72}',
    '.kolben-timeline .tick{text-anchor:middle;font-size:11px}',
    '.kolben-timeline .chip,.kolben-timeline .busy{text-anchor:end;font-variant-numeric:tabular-nums}',
    '.kolben-timeline .track{fill:currentColor;opacity:.09}',
    '.kolben-timeline .step{fill:currentColor;opacity:.55}',
    '.kolben-timeline .grid{stroke:currentColor;opacity:.14}',
    '.kolben-timeline .on{fill:#fff;font-size:10px;text-anchor:middle;pointer-events:none}',
    ...rules,
  ].join('');
}

function legend(spans: readonly Span[], omitted: number, top: number): string {
  const parts: string[] = [];
  let at = margin.left;
  const entry = (name: string, label: string): void => {
    parts.push(
      `<path class="${name}" d="M${at} ${top}h12v12h-12z"/>`,
      `<text x="${at + 18}" y="${top + 10}">${label}</text>`,
    );
    at += Math.round(34 + label.length * 6.2);
  };
  for (const look of looks) {
    if (!spans.some(({ kind, start, end }) => look.kinds.includes(kind) && end > start)) continue;
    entry(look.name, look.label);
  }
  entry('track', 'waiting');
  if (omitted > 0) {
    parts.push(`<text class="quiet" x="${at}" y="${top + 10}">${omitted} later spans not shown</text>`);
  }
  return parts.join('\n');
}

/** A thin line above a chip's row for each step, so that one sees where steps overlap between chips. */
function stepMarks(own: readonly Span[], x: (time: number) => number): string {
  const steps = new Map<number, TimeWindow>();
  for (const { step, start, end } of own) {
    const reach = steps.get(step);
    if (reach) reach.end = Math.max(reach.end, end);
    else steps.set(step, { start, end });
  }
  const marks = [...steps].map(([step, { start, end }]) => {
    const from = x(start);
    const length = Math.max(1, x(end) - from - 2);
    return `<path class="step" d="M${coordinate(from)} -5h${coordinate(length)}v2h-${coordinate(length)}z"><title>step ${step}</title></path>`;
  });
  return marks.join('\n');
}

/** The spans of one look on one chip. */
function bars(
  own: readonly Span[],
  look: Look,
  x: (time: number) => number,
  zero: number,
  unit: Unit,
  severalStages: boolean,
): string {
  const paths: string[] = [];
  const letters: string[] = [];
  for (const span of own) {
    if (!look.kinds.includes(span.kind) || span.end <= span.start) continue;
    const from = x(span.start);
    const full = x(span.end) - from;
    // A hair of background between neighbours, where there is room for it.
    const drawn = full >= 4 ? full - 0.7 : Math.max(full, 0.2);
    const times = timeRange(span.start - zero, span.end - zero, unit);
    const name = spanName(span, look, severalStages);
    paths.push(
      `<path d="M${coordinate(from)} 0h${coordinate(drawn)}v${rowHeight}h-${coordinate(drawn)}z"><title>${name}, ${times}</title></path>`,
    );
    if (span.microbatch !== undefined && drawn >= String(span.microbatch).length * 6 + 4) {
      letters.push(`<text class="on" x="${coordinate(from + drawn / 2)}" y="18">${span.microbatch}</text>`);
    }
  }
  return paths.length > 0 ? `<g class="${look.name}">${paths.join('')}</g>${letters.join('')}` : '';
}

/** `forward 3`, `forward 3 on stage 1`, `update`: short, for there are thousands. */
function spanName(span: Span, look: Look, severalStages: boolean): string {
  const label = look.name === 'transfer' ? span.kind : look.label;
  const microbatch = span.microbatch === undefined ? '' : ` ${span.microbatch}`;
  return `${label}${microbatch}${severalStages ? ` on stage ${span.stage}` : ''}`;
}

function hasSeveralStages({ spans }: Timeline): boolean {
  const stageOf = new Map<number, number>();
  for (const { chip, stage } of spans) {
    const first = stageOf.get(chip);
    if (first === undefined) stageOf.set(chip, stage);
    else if (first !== stage) return true;
  }
  return false;
}

interface Unit {
  name: string;
  milliseconds: number;
}

function unitFor(length: number): Unit {
  if (length >= 10_000) return { name: 's', milliseconds: 1000 };
  if (length >= 1 || length === 0) return { name: 'ms', milliseconds: 1 };
  return { name: 'µs', milliseconds: 0.001 };
}

interface Tick {
  time: number;
  label: string;
}

/** Round times at least 80 pixels apart, from 0 on. */
function ticks(milliseconds: number, plotWidth: number, unit: Unit): Tick[] {
  const length = milliseconds / unit.milliseconds;
  // Below that, no clock ticks and no number has as many decimals.
  if (!(length > 1e-15)) return [{ time: 0, label: `0 ${unit.name}` }];
  const least = (length * 80) / plotWidth;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found: Tick[] = [];
  for (let index = 0; index * step <= length * (1 + 1e-9); index++) {
    found.push({
      time: index * step * unit.milliseconds,
      label: `${(index * step).toFixed(decimals)} ${unit.name}`,
    });
  }
  return found;
}

function timeRange(from: number, to: number, unit: Unit): string {
  return `${trimmed(from / unit.milliseconds, 2)}–${trimmed(to / unit.milliseconds, 2)} ${unit.name}`;
}

/** A number without the zeros that say nothing. */
function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** A tenth of a pixel is finer than anybody sees. */
function coordinate(value: number): string {
  return trimmed(value, 1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.9995 || share === 0 ? 0 : 1)} %`;
}

/** Text that is safe in XML content and attributes, without the characters that XML doesn't allow at all. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
