import type { Stage } from '../compile/stages.ts';
import { inputsOf } from './inputs-of.ts';
import { symbolsOf } from './microbatch-orders.ts';
import { TrainError } from './train-error.ts';
import type { TrainOptions } from './train-options.ts';

/**
 * Refuses what no run can be made of: options that don't fit the stages of the model.
 *
 * @throws TrainError
 */
export function checkStages({ schedule, chips, initial = {} }: TrainOptions, stages: readonly Stage[]): void {
  if (stages.length !== schedule.stages)
    throw new TrainError(
      'train_stages',
      `The schedule has ${schedule.stages} stages but the model is cut into ${stages.length}; give ${schedule.stages - 1} cuts.`,
    );
  const used = schedule.chips.length;
  if (chips.length < used)
    throw new TrainError('train_chips', `The schedule needs ${used} chips and was given ${chips.length}.`);

  const parameters = new Map(
    stages.flatMap((stage) => [...stage.parameters, ...stage.frozen].map((one) => [one.name, one])),
  );
  for (const [name, values] of Object.entries(initial)) {
    const parameter = parameters.get(name);
    if (!parameter)
      throw new TrainError(
        'train_initial',
        `The model has no parameter "${name}" to begin with; leave it out.`,
      );
    const length = parameter.shape.reduce((product, dim) => product * dim, 1);
    if (values.length !== length)
      throw new TrainError(
        'train_initial',
        `The parameter "${name}" is (${parameter.shape.join(', ')}) and cannot begin with ${values.length} numbers.`,
      );
  }

  // Memory for a tensor is made ready before the program that fills it runs.
  const given = new Set(
    inputsOf(stages).flatMap(({ shape }) => shape.filter((dim) => typeof dim === 'string')),
  );
  for (const { forward, backwardInput, backwardWeight } of stages) {
    for (const program of [forward, backwardInput, backwardWeight]) {
      for (const port of [...(program?.inputs ?? []), ...(program?.outputs ?? [])]) {
        const unknown = symbolsOf(port.shape).find((symbol) => !given.has(symbol));
        if (unknown !== undefined)
          throw new TrainError(
            'train_dimension',
            `No input of the model has the dimension "${unknown}" of a (${port.shape.join(', ')}) tensor that it makes; add one that does.`,
          );
      }
    }
  }
}
