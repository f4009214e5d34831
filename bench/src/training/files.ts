import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@kolben/engine';
import { drawBatches } from './batches.ts';
import type { BenchModel } from './models.ts';
import { drawWeights } from './weights.ts';

/** Paths of what all contestants read. */
export interface Files {
  readonly weights: string;
  readonly batches: string;
}

export async function writeFiles(model: BenchModel, folder: string): Promise<Files> {
  const files = {
    weights: join(folder, `${model.name}.safetensors`),
    batches: join(folder, `${model.name}.batches`),
  };
  await writeFile(files.weights, writeSafetensors(await drawWeights(model)));
  await writeFile(files.batches, drawBatches(model));
  return files;
}
