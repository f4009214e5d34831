import { TrainError } from './train-error.ts';
import type { TrainOptions } from './train-options.ts';

/**
 * Refuses numbers that no run can have, before anything is made of them.
 *
 * @throws TrainError (`train_option`) with the option, what it is and what it must be
 */
export function checkTrainOptions(options: TrainOptions): void {
  const refuse = (what: string): never => {
    throw new TrainError('train_option', `${what}.`);
  };
  const whole = (name: string, value: number | undefined, least: number) => {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      refuse(
        `${name} is ${value}; it must be a whole number${least === -Infinity ? '' : ` of ${least} or more`}`,
      );
  };
  const { loss, optimizer, bounds, chips, checkpoint, memoryLimit, initial = {} } = options;
  if (!loss?.graph) refuse('There is no loss; give the value that a model ends in');
  whole('steps', options.steps, 0);
  whole('seed', options.seed ?? Number.NaN, -Infinity);
  whole('timelineSteps', options.timelineSteps, 0);
  whole('snapshotSteps', options.snapshotSteps, 1);
  whole('checkpoint.everySteps', checkpoint?.everySteps, 1);
  if (checkpoint && !checkpoint.file) refuse('checkpoint.file is empty; name a file');
  for (const [symbol, bound] of Object.entries(bounds ?? {})) whole(`bounds.${symbol}`, bound, 1);

  const { recompute } = options;
  const stages = options.cuts.length + 1;
  if (typeof recompute === 'object' && recompute.length !== stages)
    refuse(`recompute has ${recompute.length} entries; give one for each of the ${stages} stages`);

  const { beta1, beta2, epsilon, weightDecay, clipNorm, muon } =
    optimizer ?? refuse('There is no optimizer; give one');
  for (const [name, value] of Object.entries({ beta1, beta2 }))
    if (!(value >= 0 && value < 1)) refuse(`optimizer.${name} is ${value}; it must lie in [0, 1)`);
  for (const [name, value] of Object.entries({ epsilon, weightDecay }))
    if (!(value >= 0 && Number.isFinite(value)))
      refuse(`optimizer.${name} is ${value}; it must be 0 or more`);
  if (clipNorm !== undefined && !(clipNorm > 0))
    refuse(`optimizer.clipNorm is ${clipNorm}; it must be above 0`);
  if (muon && !(muon.momentum >= 0 && muon.momentum < 1))
    refuse(`optimizer.muon.momentum is ${muon.momentum}; it must lie in [0, 1)`);

  const twice = chips.find((chip, i) => chips.indexOf(chip) < i);
  if (twice) refuse(`Chip ${twice.index} is given twice; start one chip for each`);
  for (const limit of typeof memoryLimit === 'object' ? memoryLimit : [memoryLimit])
    if (limit !== undefined && !(limit > 0)) refuse(`memoryLimit is ${limit}; it must be a number of bytes`);
  for (const [name, values] of Object.entries(initial))
    if (!(values instanceof Float32Array))
      refuse(`The start values of "${name}" are no Float32Array; give one`);
}
