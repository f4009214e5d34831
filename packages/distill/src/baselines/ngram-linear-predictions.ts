/**
 * The linear n-gram baseline on a thread of its own, so that whoever asks stays responsive.
 *
 * @module
 */
import { extensionOf, spawn } from '@kolben/engine';
import type { NgramLinearInput } from './ngram-linear.ts';

/**
 * Trains the linear n-gram baseline on the training texts and answers the test texts: the label for each.
 * One core, about five seconds for ten thousand short texts of 77 labels. The same input and seed give the
 * same labels.
 *
 * @throws the signal's reason once it is aborted; the thread is ended
 */
export function ngramLinearPredictions(
  input: NgramLinearInput & { signal?: AbortSignal },
): Promise<string[]> {
  const { signal, ...workerData } = input;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const file = new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url);
    const worker = spawn(file, { workerData, name: 'kolben-baseline' });
    const stop = () => {
      reject(signal?.reason);
      void worker.terminate();
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.once('message', (labels: string[]) => {
      resolve(labels);
      void worker.terminate();
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      reject(new Error(`The baseline's thread ended with code ${code} before it had an answer.`));
    });
  });
}
