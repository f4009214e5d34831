/**
 * A chip's thread that ends in the middle of a step: at the one that the environment names, once for each chip named.
 *
 * @module
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';

const port = parentPort!;
const [mark, step] = [process.env.KOLBEN_TEST_DEATH_MARK!, Number(process.env.KOLBEN_TEST_DEATH_STEP)];
await import('../../chips/worker.ts');
port.on('message', (message: { name: string; body: { step: number } }) => {
  if (message.name !== 'step' || message.body.step !== step) return;
  if (process.env.KOLBEN_TEST_DEATH_ALWAYS !== '1' && existsSync(mark)) return;
  writeFileSync(mark, String(threadId));
  process.exit(7);
});
