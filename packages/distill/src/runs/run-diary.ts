/**
 * What there is to tell of a run, gathered while it trains and handed out now and then. It knows nothing of the store, and
 * between two steps it only keeps numbers.
 *
 * @module
 */
import { idleShare, paddingShare } from '@kolben/engine';
import type { RunChange, RunPoint } from '@kolben/store';
import type { Dataset } from '../datasets/dataset.ts';
import type { DistillProgress } from '../distill-options.ts';
import type { StepTimelines, TrainingListener } from '../students/training-listener.ts';
import { packTimeline } from './pack-timeline.ts';
import { runPlan } from './plan-row.ts';
import type { RunDataset, RunProgress, RunTimelines } from './run-facts.ts';

/** About so many points of a run are kept, however many steps it has. */
const mostPoints = 2_000;
/** Rates are of the latest milliseconds, … */
const windowMs = 10_000;
/** … and of so many steps at the most. */
const windowSteps = 1_000;
/** Between two timelines, milliseconds. */
const timelineMs = 5_000;

interface Done {
  readonly at: number;
  readonly tokens: number;
}

export class RunDiary {
  readonly #now: () => number;
  #change: { -readonly [Key in keyof RunChange]: RunChange[Key] } = {};
  #points = new Map<number, RunPoint>();
  #progress: { -readonly [Key in keyof RunProgress]: RunProgress[Key] } = {
    ...{ phase: 'begin', step: null, steps: null, resumedAt: null, loss: null, learningRate: null },
    ...{ agreement: null, tokensPerSecond: null, paddingShare: null, secondsLeft: null, bubble: null },
  };
  #latest: Done[] = [];
  #read = { tokens: 0, positions: 0 };
  /** Losses since the latest point. */
  #losses: number[] = [];
  #timelines: (() => StepTimelines | undefined) | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawnStep = 0;

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  readonly onDataset = (dataset: Dataset): void => {
    const { n, train, validation, tune, calibration, test } = dataset.counts;
    const facts: RunDataset = { digest: dataset.digest, n, train, validation, tune, calibration, test };
    this.#change.dataset = facts;
    this.#change.kind = dataset.kind;
  };

  readonly onProgress = ({ phase }: DistillProgress): void => {
    this.#progress.phase = phase;
    // What comes after the steps has no pace.
    if (phase !== 'train') this.#progress.secondsLeft = null;
  };

  readonly listener: TrainingListener = {
    onPlan: (plan) => {
      this.#change.plan = runPlan(plan);
    },
    onStep: ({ step, steps, loss, learningRate, counts, timelines }) => {
      const progress = this.#progress;
      this.#read.tokens += counts.tokens;
      this.#read.positions += counts.positions;
      this.#latest.push({ at: this.#now(), tokens: counts.tokens });
      progress.resumedAt ??= step - 1;
      Object.assign(progress, { step, steps, loss, learningRate });
      this.#timelines = timelines;
      this.#losses.push(loss);
      if (step % everySteps(steps) === 0 || step === 1 || step === steps) this.#addPoint(step);
    },
    onLook: ({ step, loss, agreement }) => {
      this.#progress.agreement = agreement;
      const point = this.#points.get(step) ?? this.#addPoint(step);
      this.#points.set(step, { ...point, agreement, validationLoss: loss });
    },
  };

  /** What has changed since it was last asked for. */
  take(): RunChange {
    const progress = this.#progress;
    const { at, tokens } = this.#pace();
    progress.tokensPerSecond = tokens;
    const { tokens: useful, positions } = this.#read;
    progress.paddingShare = positions > 0 ? paddingShare(useful, positions) : null;
    if (progress.phase === 'train' && at !== null && progress.step !== null && progress.steps !== null)
      progress.secondsLeft = ((progress.steps - progress.step) * at) / 1000;
    this.#draw();
    const change = { ...this.#change, progress: { ...progress }, points: [...this.#points.values()] };
    this.#change = {};
    this.#points = new Map();
    return change;
  }

  /** Gives back what was taken and could not be told; what has changed since then counts. */
  putBack({ points = [], ...change }: RunChange): void {
    this.#change = { ...change, ...this.#change };
    this.#points = new Map([...points.map((point) => [point.step, point] as const), ...this.#points]);
  }

  #addPoint(step: number): RunPoint {
    const losses = this.#losses.length > 0 ? this.#losses : [this.#progress.loss ?? 0];
    const point: RunPoint = {
      step,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      learningRate: this.#progress.learningRate ?? 0,
      tokensPerSecond: this.#pace().tokens,
      ...{ agreement: null, validationLoss: null },
    };
    this.#losses = [];
    this.#points.set(step, point);
    return point;
  }

  /** Milliseconds a step and tokens a second, over the latest seconds; null while there are too few steps. */
  #pace(): { at: number | null; tokens: number | null } {
    const now = this.#now();
    const recent = this.#latest.filter(({ at }) => at >= now - windowMs).slice(-windowSteps);
    // A step that takes longer than the window is still worth telling.
    this.#latest = recent.length >= 2 ? recent : this.#latest.slice(-2);
    const [first, ...others] = this.#latest;
    const last = others.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return { at: null, tokens: null };
    const ms = last.at - first.at;
    const tokens = others.reduce((sum, done) => sum + done.tokens, 0);
    return { at: ms / others.length, tokens: (1000 * tokens) / ms };
  }

  #draw(): void {
    const { step } = this.#progress;
    if (step === null || step === this.#drawnStep || this.#now() - this.#drawnAt < timelineMs) return;
    const found = this.#timelines?.();
    if (!found) return;
    this.#drawnAt = this.#now();
    this.#drawnStep = step;
    const { real, simulated } = found;
    this.#progress.bubble = idleShare(real);
    const last = real.spans.reduce((most, span) => Math.max(most, span.step), 0);
    const drawn: RunTimelines = { step: last, real: packTimeline(real), simulated: packTimeline(simulated) };
    this.#change.timeline = drawn;
  }
}

/** A power of two, so that a run that goes on finds the points of the process before it. */
function everySteps(steps: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(steps / mostPoints)));
}
