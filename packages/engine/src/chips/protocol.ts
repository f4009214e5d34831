/**
 * The messages between the main thread and a chip's worker.
 *
 * @module
 */
import type { TensorData } from '../graph/dtype.ts';
import type { Job, ParameterPart, StepOrder, StepReport } from '../run/job.ts';
import type { StatePart } from '../run/run-state.ts';

/** What a chip's thread is born with. */
export interface WorkerData {
  /** Memory of its gate. */
  readonly gate: SharedArrayBuffer;
  /** Threads that compute, this one included. */
  readonly threads: number;
  /** The folder for profiles, and how the files' names begin. */
  readonly profile?: { readonly folder: string; readonly prefix: string };
}

/** Every request by name: what it takes and what it answers. */
export interface Requests {
  load: { takes: { program: number; onnx: Uint8Array }; answers: undefined };
  run: {
    takes: { program: number; inputs: Record<string, TensorData> };
    answers: Record<string, TensorData>;
  };
  /** `replaced` has the names of outputs by those of inputs. */
  openState: {
    takes: { program: number; state: number; replaced: Readonly<Record<string, string>> };
    answers: undefined;
  };
  runState: {
    takes: { state: number; inputs: Record<string, TensorData> };
    answers: Record<string, TensorData>;
  };
  closeState: { takes: { state: number }; answers: undefined };
  release: { takes: { program: number }; answers: undefined };
  join: { takes: Job; answers: undefined };
  step: { takes: StepOrder; answers: StepReport };
  parameters: { takes: { averaged: boolean }; answers: ParameterPart[] };
  state: { takes: undefined; answers: StatePart[] };
  memory: { takes: undefined; answers: { parameters: number; activations: number } };
  leave: { takes: undefined; answers: undefined };
  close: { takes: undefined; answers: undefined };
}

export type RequestName = keyof Requests;

export type RequestMessage = {
  [N in RequestName]: { id: number; name: N; body: Requests[N]['takes'] };
}[RequestName];

export type AnswerMessage =
  | { id: number; answer: unknown }
  | { id: number; failure: { code: string; message: string; stack: string | undefined } };
