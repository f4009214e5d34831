/**
 * The thread of a chip that reports which native libraries it loads, and whether their telemetry is off by then.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

const loads: { file: string; disabled: string | undefined }[] = [];
const { dlopen } = process;
process.dlopen = (module: object, file: string, ...rest: unknown[]) => {
  loads.push({ file, disabled: process.env.ORT_DISABLE_TELEMETRY });
  return Reflect.apply(dlopen, process, [module, file, ...rest]);
};
await import('../worker.ts');
parentPort?.postMessage(loads);
