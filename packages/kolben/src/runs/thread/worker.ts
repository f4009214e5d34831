/**
 * Trains in a thread of its own, so that the process goes on with what it is for. Everything it needs it opens itself: the
 * configuration, the store, the chips.
 *
 * @module
 */
import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { KolbenError } from '@kolben/engine/error';
import { InterruptedError } from '../../cli/errors.ts';
import { runDistill } from '../../commands/distill.ts';
import { createProgress } from '../../progress/create-progress.ts';
import { stopWord, type TrainingOrder, type TrainingWord } from './protocol.ts';

const { args, cwd, begun } = workerData as TrainingOrder;
const port = parentPort!;
const say = (word: TrainingWord) => port.postMessage(word);
const stopping = new AbortController();
port.on('message', (word: unknown) => {
  if (word === stopWord) stopping.abort(new InterruptedError());
});
try {
  await runDistill(
    args,
    {
      ...{ cwd, json: true, signal: stopping.signal, stdin: Readable.from([]) },
      progress: createProgress({ style: 'silent' }),
      note: (note) => say({ note }),
      // What it would print is in the store.
      write: async () => {},
    },
    begun,
  );
  say({ ended: true });
} catch (error) {
  const { code, values } = KolbenError.isInstance(error) ? error : { code: null, values: {} };
  say({ failed: { code, values, message: error instanceof Error ? error.message : String(error) } });
} finally {
  port.close();
}
