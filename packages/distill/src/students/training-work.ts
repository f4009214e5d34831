/**
 * What a training keeps beside the student folder that it works for, so that it survives its process: the engine's
 * checkpoint, and how many steps were planned, which time and the machine decide.
 *
 * @module
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '@kolben/engine';

export interface TrainingWork {
  /** The engine's checkpoint. */
  readonly file: string;
  /** Steps that an earlier process planned for the very same training; undefined if there was none. */
  readonly steps: number | undefined;
  /** Notes how many steps the training will have. */
  plan(steps: number): Promise<void>;
  /** Removes everything: the student is there. */
  remove(): Promise<void>;
}

/**
 * Opens the work under `prefix`, the beginning of its files' names. Work for anything else than `of` is removed.
 *
 * @param of a digest of data, recipe, seed: of whatever makes it the same training
 */
export async function openTrainingWork(prefix: string, of: string): Promise<TrainingWork> {
  const [file, notes] = [`${prefix}.safetensors`, `${prefix}.json`];
  const remove = async () => {
    await rm(file, { force: true });
    await rm(notes, { force: true });
  };
  await mkdir(dirname(prefix), { recursive: true });
  const steps = stepsIn(await readFile(notes, 'utf8').catch(() => ''), of);
  if (steps === undefined) await remove();
  return {
    file,
    steps,
    plan: (planned) =>
      replaceFile(notes, new TextEncoder().encode(`${JSON.stringify({ of, steps: planned })}\n`)),
    remove,
  };
}

function stepsIn(text: string, of: string): number | undefined {
  try {
    const notes = JSON.parse(text) as { of?: unknown; steps?: unknown };
    return notes.of === of && Number.isSafeInteger(notes.steps) ? (notes.steps as number) : undefined;
  } catch {
    return undefined;
  }
}
