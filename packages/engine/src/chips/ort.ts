/**
 * The one door to ONNX Runtime: no other file imports it (the import check says so).
 *
 * The version we pin has no telemetry; the switch is set all the same, before the library is loaded, for the
 * day when somebody raises the version. It is set in the main thread's environment too, since a worker's
 * `process.env` is a copy that native code doesn't see (see `spawn.ts`).
 *
 * @module
 */
import { join } from 'node:path';
import type * as Ort from 'onnxruntime-node';

process.env.ORT_DISABLE_TELEMETRY = '1';

export const ort: typeof Ort = await import('onnxruntime-node');

export type Session = Ort.InferenceSession;
export type OrtTensor = Ort.Tensor;

/** Where this thread's sessions put their profiles, and how their files begin; undefined: there are none. */
let profiles: { readonly folder: string; readonly prefix: string } | undefined;
let profiled = 0;

/** From now on this thread's sessions leave a profile in `folder` when they are released; see `startChip`. */
export function profileInto(folder: string, prefix: string): void {
  profiles = { folder, prefix };
}

/** Threads of each session, the calling one included. */
let sessionThreads = 1;

/** From now on sessions of this thread compute with so many threads. */
export function computeWith(threads: number): void {
  sessionThreads = threads;
}

/** A session that computes in the calling thread alone, unless told otherwise. `name` names its profile. */
export async function createSession(
  onnx: Uint8Array,
  {
    threads = sessionThreads,
    optimize = true,
    name = '',
  }: { threads?: number; optimize?: boolean; name?: string } = {},
): Promise<Session> {
  return ort.InferenceSession.create(onnx, {
    ...(profiles && {
      enableProfiling: true,
      profileFilePrefix: join(
        profiles.folder,
        `${profiles.prefix}.${profiled++}.${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.`,
      ),
    }),
    intraOpNumThreads: threads,
    // Helpers that wait by spinning would take the core from the chip beside.
    ...(threads > 1 && { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimize ? 'all' : 'disabled',
    // Only what is fatal: an error is thrown, and its place is not standard error.
    logSeverityLevel: 4,
  });
}
