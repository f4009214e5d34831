/**
 * The training bench's narrow decoder learns to write bank customers' questions, letter by letter.
 *
 * @module
 */
import {
  type Chip,
  emitProgram,
  type Microbatch,
  nn,
  type Parameters,
  randomStream,
  uniform,
} from '@kolben/engine';
import { readBanking77 } from '../banking77.ts';
import { models } from '../training/models.ts';
import { fixedParameters } from './fixed-parameters.ts';
import type { LearningTask } from './task.ts';

const microbatchCount = 4;
const validationBatches = 8;

export async function charactersTask(): Promise<LearningTask> {
  const narrow = models.find(({ name }) => name === 'narrow') as (typeof models)[number];
  const { length, batch } = narrow;
  const [known, unknown] = await Promise.all(
    (['train', 'test'] as const).map(async (split) =>
      (await readBanking77(split)).map(({ text }) => text).join('\n'),
    ),
  );
  const letters = new Map([...new Set(known + unknown)].sort().map((letter, i) => [letter, i]));
  const [training, validation] = [known, unknown].map((text) =>
    Array.from(text, (letter) => letters.get(letter) as number),
  );
  const shape = { ...narrow.shape, vocabulary: letters.size };
  const rows = batch / microbatchCount;

  const validate = async (chip: Chip, parameters: Parameters) => {
    const loss = nn.decoderLoss(shape, { length });
    const outputs = [{ value: loss, name: 'loss' }];
    const { onnx } = emitProgram({ name: 'loss', outputs, fixed: fixedParameters(loss.graph, parameters) });
    const program = await chip.load(onnx);
    const count = validationBatches * batch;
    let sum = 0;
    for (let from = 0; from < count; from += batch) {
      const starts = Array.from({ length: batch }, (_, row) =>
        Math.floor(((from + row) * (validation.length - length - 1)) / count),
      );
      const found = await program.run(stretches(validation, starts, length, 1 / (count * length)));
      sum += Number(found.loss.data[0]);
    }
    await program.release();
    return { loss: sum };
  };
  return {
    name: `decoder, ${shape.width} wide, ${shape.layers} layers, on letters`,
    steps: 300,
    microbatchCount,
    loss: () => nn.decoderLoss(shape, { length }),
    bounds: { B: rows },
    microbatches: (seed, step) => {
      const draw = randomStream(seed, 'stretches', step);
      return Array.from({ length: microbatchCount }, () => {
        const starts = Array.from({ length: rows }, () =>
          Math.floor(uniform(draw) * (training.length - length - 1)),
        );
        return stretches(training, starts, length, 1 / (batch * length));
      });
    },
    validate,
  };
}

/** Rows of `length` letters with the letters after them as targets. */
function stretches(
  letters: readonly number[],
  starts: readonly number[],
  length: number,
  weight: number,
): Microbatch {
  const dims = [starts.length, length];
  const grid = (of: (start: number, i: number) => number) => ({
    data: BigInt64Array.from(
      starts.flatMap((start) => Array.from({ length }, (_, i) => BigInt(of(start, i)))),
    ),
    dims,
  });
  return {
    tokens: grid((start, i) => letters[start + i]),
    targets: grid((start, i) => letters[start + i + 1]),
    positions: grid((_, i) => i),
    weights: { data: new Float32Array(starts.length * length).fill(weight), dims },
  };
}
