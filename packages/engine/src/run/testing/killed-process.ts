/**
 * Trains the small run, with both optimizers, with a checkpoint in the file named by its first argument, and writes
 * the weights' digest to standard output. `killed` is told a line for every step.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { startChip } from '../../chips/chip.ts';
import { train } from '../train.ts';
import { smallRun, smallSchedules, withMuon } from './small-run.ts';

const [file, steps, shape] = process.argv.slice(2);
const key = shape as keyof typeof smallSchedules;
const { schedule } = smallSchedules[key];
const chips = await Promise.all(schedule.chips.map((_, index) => startChip(index)));
const { parameters, losses, resumedAt } = await train({
  ...smallRun(key, Number(steps)),
  ...withMuon,
  chips,
  ...(file === '-' ? {} : { checkpoint: { file: file!, everySteps: 3 } }),
  onStep: ({ step }) => {
    process.stdout.write(`step ${step}\n`);
  },
});
const hash = createHash('sha256').update(JSON.stringify(losses));
for (const name of Object.keys(parameters).sort()) hash.update(name).update(parameters[name]!);
process.stdout.write(`${JSON.stringify({ digest: hash.digest('hex'), resumedAt })}\n`);
await Promise.all(chips.map((chip) => chip.close()));
