/**
 * The state that the overview shows.
 *
 * @module
 */
import type { LedgerStep } from '@kolben/store';
import { type ConsoleServices, nowOf } from '../services.ts';
import { KnownFacts } from '../tasks/folder-facts.ts';
import { type Alarm, alarmsOf } from './alarms.ts';
import { type SpanName, spanAt } from './span.ts';
import { type TaskFacts, taskFacts } from './task-facts.ts';

/** Money in USD. */
export interface Overview {
  /** ISO 8601. */
  since: string;
  until: string;
  sums: {
    calls: number;
    byStudent: number;
    byCache: number;
    /** What was spent. */
    cost: number;
    /** What was avoided; below zero where asking both cost more than it saved. */
    saved: number;
    /** Calls whose tokens no provider reported: of those that the teacher answered, and of the others, which only avoided. */
    estimated: number;
    estimatedAvoided: number;
  };
  /** All stretches of the span, those without a call too. */
  steps: { at: string; teacher: number; student: number; cache: number; cost: number; saved: number }[];
  tasks: TaskFacts[];
  alarms: Alarm[];
}

export interface Wanted {
  span: SpanName;
  offset: number;
}

/** Sums over a span are kept so long at least, however many calls come in: a page is no reason to read them all. */
const keptMs = 5_000;
const mostKept = 50;

type Sums = Pick<Overview, 'since' | 'until' | 'sums' | 'steps'> & { rows: LedgerRows };
type LedgerRows = Awaited<ReturnType<ConsoleServices['store']['ledger']['summary']>>;

/** Reads it; what is added up over calls is read anew only when a counter has moved. */
export function overviewReader(services: ConsoleServices): (wanted: Wanted) => Promise<Overview> {
  const { ledger } = services.store;
  const folders = new KnownFacts();
  const kept = new Map<string, { signature: string; at: number; sums: Promise<Sums> }>();
  const sumsOf = async ({ span: name, offset }: Wanted): Promise<Sums> => {
    const span = spanAt(nowOf(services), name, offset);
    const key = `${name} ${offset}`;
    // From the counters, whatever their number of calls.
    const { calls, cost } = await ledger.totals();
    const signature = `${span.until.getTime()} ${calls} ${cost}`;
    const known = kept.get(key);
    const age = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.at;
    if (known !== undefined && (known.signature === signature || age < keptMs)) return known.sums;
    const sums = readSums(services, span);
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, { signature, at: performance.now(), sums });
    sums.catch(() => kept.delete(key));
    return sums;
  };
  return async (wanted) => {
    const { rows, ...sums } = await sumsOf(wanted);
    const tasks = await taskFacts(services, folders, rows);
    return { ...sums, tasks, alarms: await alarmsOf(services, tasks, nowOf(services)) };
  };
}

async function readSums({ store }: ConsoleServices, span: ReturnType<typeof spanAt>): Promise<Sums> {
  const { since, until, stepMs } = span;
  const rows = await store.ledger.summary({ since, until });
  const timeline = await store.ledger.timeline(span);
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  const by = (answerer: string) => sum(({ answeredBy, calls }) => (answeredBy === answerer ? calls : 0));
  const estimated = (isOf: (answerer: string) => boolean) =>
    sum(({ answeredBy, estimatedCalls }) => (isOf(answeredBy) ? estimatedCalls : 0));
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    sums: {
      calls: sum(({ calls }) => calls),
      byStudent: by('student'),
      byCache: by('cache'),
      cost: sum(({ cost }) => cost),
      saved: sum(({ saved }) => saved),
      estimated: estimated((answerer) => answerer === 'teacher'),
      estimatedAvoided: estimated((answerer) => answerer !== 'teacher'),
    },
    steps: Array.from({ length: (until.getTime() - since.getTime()) / stepMs }, (_, i) =>
      stepAt(since.getTime() + i * stepMs, timeline),
    ),
    rows,
  };
}

function stepAt(time: number, timeline: readonly LedgerStep[]): Overview['steps'][number] {
  const own = timeline.filter(({ at }) => at.getTime() === time);
  const calls = (answerer: string) => own.find(({ answeredBy }) => answeredBy === answerer)?.calls ?? 0;
  const cost = own.reduce((total, step) => total + step.cost, 0);
  const teacherCost = own.reduce((total, step) => total + step.teacherCost, 0);
  return {
    at: new Date(time).toISOString(),
    ...{ teacher: calls('teacher'), student: calls('student'), cache: calls('cache') },
    ...{ cost, saved: teacherCost - cost },
  };
}
