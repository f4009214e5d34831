/**
 * Our side: one chip, replicas, a pipeline, and what the machine allows.
 *
 * @module
 */
import type { Command } from './contestant.ts';
import type { EngineTask } from './engine-task.ts';
import type { Files } from './files.ts';
import type { BenchModel } from './models.ts';
import { scriptCommand } from './script-command.ts';

export const names = {
  oneChip: 'engine, one chip',
  replicas: 'engine, replicas',
  pipeline: 'engine, pipeline (ZB-H2)',
  /** Two of them, each with half of the batch, which know nothing of each other. */
  unrelated: ['unrelated, first half', 'unrelated, second half'],
} as const;

/**
 * Tokens that pass the model at a time: many fill the kernels, few stay in the caches and let a pipeline overlap. By
 * measurement.
 */
const microbatchTokens = { alone: 1024, pipeline: 512 };

export function engineCommands(
  model: BenchModel,
  files: Files,
  profileFolder?: string,
): Record<'alone' | 'two' | 'unrelated', Command[]> {
  const command = (
    name: string,
    task: Pick<EngineTask, 'schedule' | 'stages'> & Partial<EngineTask>,
  ): Command => {
    const share = task.share ?? [0, model.batch];
    return {
      name,
      ...scriptCommand('engine-process', {
        model,
        ...files,
        // Logits of a quarter of the words at a time stay in the caches.
        headParts: 4,
        microbatches: microbatches(model, share, microbatchTokens.alone),
        share,
        profileFolder,
        ...task,
      } satisfies EngineTask),
    };
  };
  const half = model.batch / 2;
  return {
    alone: [command(names.oneChip, { schedule: 'sequential', stages: 1 })],
    two: [
      command(names.replicas, { schedule: 'replicas', replicas: 2, stages: 1 }),
      command(names.pipeline, {
        schedule: 'zb-h2',
        stages: 2,
        microbatches: microbatches(model, [0, model.batch], microbatchTokens.pipeline),
      }),
    ],
    unrelated: names.unrelated.map((name, i) =>
      command(name, { schedule: 'sequential', stages: 1, share: [i * half, (i + 1) * half] }),
    ),
  };
}

/** Into how many microbatches of so many tokens a share of the batch is divided. */
function microbatches({ length }: BenchModel, [from, to]: EngineTask['share'], tokens: number): number {
  return ((to - from) * length) / tokens;
}
