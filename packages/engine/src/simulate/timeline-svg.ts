/**
 * A timeline as a picture: one row for each chip, time to the right, as one self-contained SVG element.
 *
 * It carries its own style, asks for no font, script or file, and takes text colour from the page around it,
 * dark or light. The same timeline always gives the same text. Written for thousands of spans, not for
 * millions: choose a window.
 *
 * @module
 */
import { chipUse, type Span, sliceTime, type Timeline, type TimeWindow, timeWindow } from './timeline.ts';

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
const rowsTop = 84;

/**
 * Draws `timeline`.
 *
 * Colours can be set from the page by the CSS variables `--kolben-forward`, `--kolben-input`,
 * `--kolben-weight`, `--kolben-overlapped`, `--kolben-update` and `--kolben-transfer`.
 */
export function timelineSvg(timeline: Timeline, options: TimelineSvgOptions): string {
  const width = Math.max(640, Math.round(options.width ?? 960));
  const shown = chooseSpans(timeline, options);
  const { window, spans } = shown;
  const length = window.end - window.start;
  const plotWidth = width - margin.left - margin.right;
  const x = (time: number): number => (length > 0 ? ((time - window.start) / length) * plotWidth : 0);
  const rowsBottom = rowsTop + timeline.chips * (rowHeight + rowGap) - rowGap;
  const height = rowsBottom + 34;
  const use = chipUse(timeline, window);
  const unit = unitFor(length);
  const description =
    options.description ??
    describe(
      timeline,
      window,
      use.map(({ busyShare }) => busyShare),
    );
  const parts: string[] = [];

  parts.push(
    `<svg xmlns="http://www.w3.org/2000/svg" class="kolben-timeline" role="img" aria-label="${escapeXml(`${options.title}. ${description}`)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(options.title)}</title><desc>${escapeXml(description)}</desc>`,
    `<style>${style()}</style>`,
    `<text class="name" x="0" y="18">${escapeXml(options.title)}</text>`,
    `<text class="quiet" x="0" y="38">${escapeXml(description)}</text>`,
    legend(spans, shown.omitted),
    `<text class="quiet busy" x="${width}" y="66">busy</text>`,
  );

  for (const { time, label } of ticks(window, plotWidth, unit)) {
    const at = coordinate(margin.left + x(time));
    parts.push(
      `<path class="grid" d="M${at} ${rowsTop - 4}V${rowsBottom + 6}"/>`,
      `<text class="quiet tick" x="${at}" y="${rowsBottom + 22}">${label}</text>`,
    );
  }

  const severalSteps = spans.some(({ step }) => step !== spans[0]!.step);
  const severalStages = hasSeveralStages(timeline);
  for (let chip = 0; chip < timeline.chips; chip++) {
    const top = rowsTop + chip * (rowHeight + rowGap);
    const own = spans.filter((span) => span.chip === chip);
    parts.push(
      `<text class="chip" x="${margin.left - 10}" y="${top + 18}">chip ${chip}</text>`,
      `<text class="busy" x="${width}" y="${top + 18}">${percent(use[chip]!.busyShare)}</text>`,
      `<g transform="translate(${margin.left} ${top})">`,
      `<path class="track" d="M0 0h${plotWidth}v${rowHeight}h-${plotWidth}z"/>`,
    );
    if (severalSteps) parts.push(stepMarks(own, x));
    for (const look of looks) parts.push(bars(own, look, x, window, unit, severalStages));
    parts.push('</g>');
  }
  parts.push('</svg>');
  return parts.filter((part) => part !== '').join('\n');
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

function describe(timeline: Timeline, window: TimeWindow, busyShares: number[]): string {
  const length = window.end - window.start;
  const unit = unitFor(length);
  const duration = `${trimmed(length / unit.milliseconds, length >= 100 * unit.milliseconds ? 0 : 1)} ${unit.name}`;
  const chips = timeline.chips === 1 ? '1 chip' : `${timeline.chips} chips`;
  const mean = busyShares.reduce((sum, share) => sum + share, 0) / Math.max(1, busyShares.length);
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

function legend(spans: readonly Span[], omitted: number): string {
  const parts: string[] = [];
  let at = margin.left;
  const entry = (name: string, label: string): void => {
    parts.push(
      `<path class="${name}" d="M${at} 56h12v12h-12z"/>`,
      `<text x="${at + 18}" y="66">${label}</text>`,
    );
    at += Math.round(34 + label.length * 6.2);
  };
  for (const look of looks) {
    if (!spans.some(({ kind, start, end }) => look.kinds.includes(kind) && end > start)) continue;
    entry(look.name, look.label);
  }
  entry('track', 'waiting');
  if (omitted > 0) {
    parts.push(`<text class="quiet" x="${at}" y="66">${omitted} later spans not shown</text>`);
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
  window: TimeWindow,
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
    const times = timeRange(span.start - window.start, span.end - window.start, unit);
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

/** Round times at least 80 pixels apart, from the start of the window. */
function ticks({ start, end }: TimeWindow, plotWidth: number, unit: Unit): Tick[] {
  const length = (end - start) / unit.milliseconds;
  if (!(length > 0)) return [{ time: start, label: `0 ${unit.name}` }];
  const least = (length * 80) / plotWidth;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found: Tick[] = [];
  for (let index = 0; index * step <= length * (1 + 1e-9); index++) {
    found.push({
      time: start + index * step * unit.milliseconds,
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
