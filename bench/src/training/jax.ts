/**
 * The peer jax-js: as it runs under Node by itself, and with threads.
 *
 * @module
 */
import type { Command } from './contestant.ts';
import type { Files } from './files.ts';
import type { BenchModel } from './models.ts';
import { scriptCommand } from './script-command.ts';

/** What a jax-js process is given, as JSON in its one argument. */
export interface JaxTask {
  readonly model: BenchModel;
  readonly weights: string;
  readonly batches: string;
  readonly threads: number;
  /** Gradients are summed over so many parts of a batch: a whole one exceeds the library's 4 GiB. */
  readonly microbatches: number;
}

export function jaxCommands(model: BenchModel, files: Files, cores: number): Command[] {
  return [...new Set([1, cores])].map((threads) => ({
    name: `jax-js, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    ...scriptCommand('jax-process', { model, ...files, threads, microbatches: 4 } satisfies JaxTask),
  }));
}
