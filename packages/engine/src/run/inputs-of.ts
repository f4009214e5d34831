import type { Port } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';

/** The inputs that stages read, each once. */
export function inputsOf(stages: readonly Stage[]): Port[] {
  return [...new Map(stages.flatMap(({ inputs }) => inputs.map((port) => [port.name, port]))).values()];
}
