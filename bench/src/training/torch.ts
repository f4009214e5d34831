/**
 * The peer PyTorch, from Debian's packages, in the environment in which it is fastest.
 *
 * What each of these settings brings is in docs/decisions/0070.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from './contestant.ts';
import type { Files } from './files.ts';
import { type BenchModel, learningRate, optimizer } from './models.ts';
import { parameterNames } from './weights.ts';

const packages = ['python3-torch', 'libopenblas0-pthread', 'libopenblas0-openmp', 'libtcmalloc-minimal4'];

export const howToInstall = `apt-get install ${packages.join(' ')}`;

/** Debian's own; another Python on the path has other packages. */
const python = '/usr/bin/python3';
const libraries = `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
const allocator = `${libraries}/libtcmalloc_minimal.so.4`;
const blas = { pthread: `${libraries}/openblas-pthread`, openmp: `${libraries}/openblas-openmp` };

/** Its version, or why it can't be measured. */
export function findTorch(): { version: string } | { missing: string } {
  const { stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], {
    encoding: 'utf8',
  });
  const version = stdout?.trim();
  if (!version) return { missing: `PyTorch is not installed: ${howToInstall}` };
  const without = [allocator, blas.pthread, blas.openmp].filter((path) => !existsSync(path));
  if (without.length > 0)
    return { missing: `PyTorch cannot be tuned without ${without.join(', ')}: ${howToInstall}` };
  return { version };
}

const forms = ['fused', 'plain'] as const;

/** Each form of the program with as many processes of one thread as there are cores, and as many threads in one. */
export function torchCommands(model: BenchModel, files: Files, cores: number): Command[] {
  return forms.flatMap((form) =>
    [
      { processes: cores, threads: 1 },
      { processes: 1, threads: cores },
    ].map(({ processes, threads }) => ({
      name: `PyTorch, ${form}, ${threads === 1 ? `${processes} processes` : `${threads} threads`}`,
      file: python,
      arguments: [
        fileURLToPath(new URL('../../peers/torch_training.py', import.meta.url)),
        JSON.stringify({
          form,
          model: {
            ...model.shape,
            length: model.length,
            names: parameterNames,
          },
          batch: model.batch,
          ...files,
          optimizer: { ...optimizer, learningRate },
          processes,
          threads,
          // Rows of queries and of logits taken at a time, parts of a batch, elements of AdamW taken at a time.
          tuning: { stretch: 64, rows: 256, microbatches: 4, piece: 32_768 },
        }),
      ],
      environment: environment(threads),
    })),
  );
}

function environment(threads: number): Record<string, string> {
  return {
    LD_PRELOAD: allocator,
    // One pool of threads for everything where there are several.
    LD_LIBRARY_PATH: threads === 1 ? blas.pthread : blas.openmp,
    OPENBLAS_NUM_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    // Waiting costs the others a core: give it up at once, or after some microseconds where threads wait often.
    OMP_WAIT_POLICY: 'passive',
    GOMP_SPINCOUNT: threads === 1 ? '0' : '10000',
    // Neither library chooses these by itself on AMD's processors.
    ...(hasAvx512() && { OPENBLAS_CORETYPE: 'SKYLAKEX', ATEN_CPU_CAPABILITY: 'avx512' }),
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

function hasAvx512(): boolean {
  const { stdout } = spawnSync('grep', ['-c', 'avx512dq.*avx512vl', '/proc/cpuinfo'], { encoding: 'utf8' });
  return Number(stdout) >= availableParallelism();
}
