/**
 * A process that freezes so many calls, all of them distinct, and says how many there were: `freeze-process.ts <count>`.
 * How much memory it may have is up to whoever starts it.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { freezeDataset } from '../freeze-dataset.ts';

const count = Number(process.argv[2]);
const draw = randomStream(1, 'calls');
const word = () => Math.floor(36 ** 6 * uniform(draw)).toString(36);

function* calls(): Generator<Example> {
  for (let i = 0; i < count; i++) {
    const content = Array.from({ length: 18 }, word).join(' ');
    const at = new Date(Date.UTC(2026, 0, 1) + 60_000 * i);
    yield { messages: [{ role: 'user', content }], answer: `queue ${i % 77}`, at, extra: {} };
  }
}

const { counts } = await freezeDataset(calls(), { seed: 0 });
process.stdout.write(`${counts.n}\n`);
