/**
 * The thread of a chip that dies: when it is given a tensor named "poison", and in step 2 of a run.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';
import type { RequestMessage } from '../protocol.ts';
import '../worker.ts';

parentPort?.on('message', ({ name, body }: RequestMessage) => {
  if ((name === 'run' && 'poison' in body.inputs) || (name === 'step' && body.step === 2))
    throw new Error('out of power');
});
