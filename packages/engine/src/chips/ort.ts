/**
 * The one door to ONNX Runtime: no other file imports it (the import check says so).
 *
 * The version we pin has no telemetry; the switch is set all the same, before the library is loaded, for the
 * day when somebody raises the version. It is set in the main thread's environment too, since a worker's
 * `process.env` is a copy that native code doesn't see (see `spawn.ts`).
 *
 * @module
 */
import type * as Ort from 'onnxruntime-node';

process.env.ORT_DISABLE_TELEMETRY = '1';

export const ort: typeof Ort = await import('onnxruntime-node');

export type Session = Ort.InferenceSession;
export type OrtTensor = Ort.Tensor;

/** A session that computes in the calling thread alone, unless told otherwise. */
export async function createSession(
  onnx: Uint8Array,
  { threads = 1, optimize = true }: { threads?: number; optimize?: boolean } = {},
): Promise<Session> {
  return ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimize ? 'all' : 'disabled',
    // Only what is fatal: an error is thrown, and its place is not standard error.
    logSeverityLevel: 4,
  });
}
