/**
 * Trainings that a running gateway begins itself, for the console: one at a time, each in a thread of its own.
 *
 * The gateway's own thread does nothing for them: what a training computes outside of its chips (reading and freezing the
 * dataset, features) would keep calls waiting.
 *
 * @module
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { extensionOf, holdKernels, spawn } from '@kolben/engine';
import { KolbenError } from '@kolben/engine/error';
import type { Config, Log } from '@kolben/gateway';
import { newRunId, type Store } from '@kolben/store';
import type { DistillArgs } from '../../commands/distill.ts';
import { argsOfWatch } from '../args-of-watch.ts';
import { assertResumable, resumedRun } from '../resume-run.ts';
import { stopWord, type TrainingOrder, type TrainingWord } from './protocol.ts';

/** How often it is looked whether a run is there, milliseconds. */
const lookMs = 50;

export interface TrainingsOptions {
  readonly store: Store;
  readonly config: Config;
  /** The configuration's file: the thread reads it anew. */
  readonly configFile: string;
  readonly cwd: string;
  readonly log: Log;
}

interface Thread {
  readonly run: string;
  /** Resolves when it is over, with what it failed by; never rejects. */
  readonly ended: Promise<KolbenError | undefined>;
  stop(): void;
}

export class Trainings {
  readonly #options: TrainingsOptions;
  #thread: Thread | undefined;

  constructor(options: TrainingsOptions) {
    this.#options = options;
  }

  /**
   * Trains a student of a task's recorded calls, by the rules of the configuration.
   *
   * @returns the run's id, when it is there to be seen
   * @throws KolbenError where the task isn't known, or a training is at work, here or of this task elsewhere
   */
  async start(task: string): Promise<string> {
    const { store, config, configFile, cwd } = this.#options;
    if (!Object.hasOwn(config.tasks, task))
      throw new KolbenError('task_unknown', `There is no task '${task}' in the configuration.`);
    for (const run of await store.runs.list({ task }))
      if (run.state === 'running')
        throw new KolbenError(
          'run_at_work',
          `The run ${run.id} trains a student of ${task} already: stop it first.`,
        );
    await holdKernels();
    const id = newRunId();
    const args = { _: [], ...argsOfWatch(task, config), config: configFile } as unknown as DistillArgs;
    const thread = this.#begin({ args, cwd, begun: { by: 'console', run: { id, resume: false } } }, id);
    await this.#seen(thread, async () => (await store.runs.get(id)) !== undefined);
    return id;
  }

  /**
   * Goes on with a run that was begun on this machine.
   *
   * @throws KolbenError where there is none, nothing to go on with, or its files are elsewhere
   */
  async resume(id: string): Promise<void> {
    const { store, configFile, cwd } = this.#options;
    const run = await store.runs.get(id);
    if (!run) throw new KolbenError('run_unknown', `There is no run ${id}.`);
    assertResumable(run);
    if (run.process.host !== hostname())
      throw new KolbenError(
        'run_elsewhere',
        `The state of the run ${id} lies on ${run.process.host}: 'kolben runs resume ${id}' goes on with it there.`,
        { values: { host: run.process.host, run: id } },
      );
    await holdKernels();
    const thread = this.#begin(resumedRun(run, { config: configFile }, cwd), id);
    await this.#seen(thread, async () => (await store.runs.get(id))?.state === 'running');
  }

  /** Stops what is at work, with its state kept. */
  async close(): Promise<void> {
    this.#thread?.stop();
    await this.#thread?.ended;
  }

  #begin(order: TrainingOrder, run: string): Thread {
    if (this.#thread)
      throw new KolbenError(
        'training_busy',
        `This gateway trains already, the run ${this.#thread.run}: wait for it, or stop it first.`,
      );
    const { log } = this.#options;
    const worker = spawn(new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url), {
      workerData: order,
    });
    let failure: KolbenError | undefined;
    worker.on('message', (word: TrainingWord) => {
      if ('note' in word) log.warn('training_note', { run, note: word.note });
      if (!('failed' in word)) return;
      const { code, message, values } = word.failed;
      failure = new KolbenError(code ?? 'training_fault', message, { values });
    });
    worker.on('error', (error) => {
      failure ??= new KolbenError('training_fault', error.message, { cause: error });
    });
    const ended = new Promise<KolbenError | undefined>((resolve) => {
      worker.once('exit', () => {
        this.#thread = undefined;
        if (failure) log.warn('training_ended', { run, code: failure.code, reason: failure.message });
        else log.info('training_done', { run });
        resolve(failure);
      });
    });
    log.info('training_begun', { run });
    this.#thread = { run, ended, stop: () => worker.postMessage(stopWord) };
    return this.#thread;
  }

  /** Waits until the run can be seen. @throws what the thread fails by before that */
  async #seen({ run, ended }: Thread, isThere: () => Promise<boolean>): Promise<void> {
    let isOver = false;
    const over = ended.then((failure) => {
      isOver = true;
      return failure;
    });
    while (!(await isThere())) {
      if (isOver) {
        const failure = await over;
        // It may have been quicker than we looked.
        if (await this.#options.store.runs.get(run)) return;
        throw failure ?? new KolbenError('training_fault', 'The training has ended without a word.');
      }
      await sleep(lookMs);
    }
  }
}
