import { GraphError } from '../graph/graph.ts';
import type { DecoderLossOptions, DecoderShape } from './decoder-shape.ts';

/** @throws GraphError (`graph_decoder`) for numbers that make no decoder: the sentence says which, and what they must be. */
export function checkDecoderShape(shape: Omit<DecoderShape, 'tied'>): void {
  const refuse = (what: string): never => {
    throw new GraphError('graph_decoder', `The shape makes no model: ${what}.`);
  };
  const { vocabulary, width, layers, heads, keyValueHeads, hidden, positions } = shape;
  const counts = { vocabulary, width, layers, heads, keyValueHeads, hidden, positions };
  for (const [name, count] of Object.entries(counts))
    if (!(Number.isInteger(count) && count >= 1 && count <= 2 ** 24))
      refuse(`${name} is ${count}; it must be a whole number from 1 to 2^24`);
  const { headWidth } = shape;
  if (headWidth !== undefined && !(Number.isInteger(headWidth) && headWidth >= 2 && headWidth % 2 === 0))
    refuse(`headWidth is ${headWidth}; it must be an even number of 2 or more`);
  if (headWidth === undefined && width % (2 * heads) !== 0)
    refuse(`width is ${width} and heads is ${heads}; the width must be a multiple of twice the heads`);
  if (heads % keyValueHeads !== 0)
    refuse(`heads is ${heads} and keyValueHeads is ${keyValueHeads}; the second must divide the first`);
  const { epsilon = 1e-5, rotaryBase = 10_000, rotaryPairs = 'neighbours' } = shape;
  for (const [name, number] of Object.entries({ epsilon, rotaryBase }))
    if (!(number > 0 && Number.isFinite(number))) refuse(`${name} is ${number}; it must be above 0`);
  if (rotaryPairs !== 'neighbours' && rotaryPairs !== 'halves')
    refuse(`rotaryPairs is ${String(rotaryPairs)}; it must be "neighbours" or "halves"`);
}

/** @throws GraphError (`graph_option`) for options that no loss can be built with. */
export function checkLossOptions(
  { positions, vocabulary }: Pick<DecoderShape, 'positions' | 'vocabulary'>,
  { length = 1, smoothing = 0, headParts = 1, teacher }: Partial<DecoderLossOptions>,
): void {
  const refuse = (what: string): never => {
    throw new GraphError('graph_option', `The loss cannot be built: ${what}.`);
  };
  if (!(Number.isInteger(length) && length >= 1 && length <= positions))
    refuse(`length is ${length}; it must be a whole number from 1 to the model's ${positions} positions`);
  if (!(smoothing >= 0 && smoothing < 1)) refuse(`smoothing is ${smoothing}; it must lie in [0, 1)`);
  if (!teacher) return;
  const { known, share = 1, reverse = 0, temperature = 1 } = teacher;
  if (known !== undefined && !(Number.isInteger(known) && known >= 1 && known < vocabulary))
    refuse(
      `the teacher knows ${known} tokens; it must be a whole number from 1 to ${vocabulary - 1}, or left out`,
    );
  if (!(share > 0 && share <= 1)) refuse(`the teacher's share is ${share}; it must lie in (0, 1]`);
  if (!(reverse >= 0 && reverse <= 1)) refuse(`reverse is ${reverse}; it must lie in [0, 1]`);
  if (!(temperature > 0 && Number.isFinite(temperature)))
    refuse(`the temperature is ${temperature}; it must be above 0`);
  if (headParts !== 1) refuse(`the head has ${headParts} parts; with a teacher it must have one`);
}
