/**
 * How fast the engine trains, beside PyTorch and jax-js: `npm run bench -- training`.
 *
 * All contestants train the same decoder from the same weights on the same batches with the same AdamW, and must
 * have the same losses before anything is measured.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { KolbenError } from '@kolben/engine';
import type { Bench } from '../bench.ts';
import { describeTraining } from './describe.ts';
import { writeFiles } from './files.ts';
import { type ModelResult, measureModel } from './measure-model.ts';
import { models } from './models.ts';
import { type ModelProfile, profileModel } from './profile-model.ts';
import type { TrainingResult } from './result.ts';
import { rounds, warmUpRounds } from './rounds.ts';
import { findTorch } from './torch.ts';

export const training: Bench = {
  name: 'training',
  about: 'time of a training step of two decoders on two chips, beside PyTorch and jax-js',
  flags: { profile: 'also tell where the time goes, by program and operator' },
  async run(context) {
    if (availableParallelism() < 2)
      throw new KolbenError(
        'bench_cores',
        'This bench compares what two cores can do, and there is only one.',
      );
    const folder = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    try {
      const results: ModelResult[] = [];
      const profiles: ModelProfile[] = [];
      for (const model of models) {
        const files = await writeFiles(model, folder);
        results.push(await measureModel(model, files, context));
        if (context.flags.has('profile')) profiles.push(await profileModel(model, files, folder, context));
      }
      return {
        rounds,
        warmUpRounds,
        torch: findTorch(),
        models: results,
        ...(profiles.length > 0 && { profiles }),
      } satisfies TrainingResult;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  describe: (result) => describeTraining(result as TrainingResult),
};
