/**
 * Programs that answer with an open encoder, in the inputs and outputs that other people's tools expect.
 *
 * @module
 */
import { emitProgram, type Program } from '../compile/program.ts';
import type { Value } from '../graph/graph.ts';
import type { Parameters } from '../run/run-state.ts';
import { fixParameters, type KeptNumbers, keptNumbers } from './fix-parameters.ts';
import { encodeTexts, type TextClassifier, type TextEncoderShape, textClassifier } from './text-encoder.ts';

/** Something else that a program of a classifier gives. */
export interface TextClassifierOutput {
  readonly name: string;
  /** Makes it in the graph of the classifier. */
  readonly of: (classifier: TextClassifier) => Value;
}

/** What a program of a classifier gives, and how it is kept. */
export interface TextClassifierProgramOptions extends KeptNumbers {
  readonly classes: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the program gives in place of the head's logits, made in its graph. */
  readonly output?: TextClassifierOutput;
}

/** `input_ids`, `attention_mask` and, where there are types, `token_type_ids`, (B, T) int64 → `logits` (B, classes). */
export function textClassifierProgram(
  shape: TextEncoderShape,
  parameters: Parameters,
  { classes, metadata, output, rowBits }: TextClassifierProgramOptions,
): Program {
  const classifier = textClassifier(shape, { classes });
  const { logits } = classifier;
  const fixed = fixParameters(logits.graph, parameters);
  const given = output && logits.graph.block('output', () => output.of(classifier));
  return emitProgram({
    name: 'classifier',
    outputs: [{ value: given ?? logits, name: output?.name ?? 'logits' }],
    ...keptNumbers(fixed, { rowBits }),
    ...(metadata && { metadata }),
  });
}

/** The same inputs → `last_hidden_state` (B·T, width): the rows of all texts, one after the other. */
export function hiddenStatesProgram(shape: TextEncoderShape, parameters: Parameters): Program {
  const { graph, hidden } = encodeTexts(shape);
  const outputs = [{ value: hidden, name: 'last_hidden_state' }];
  return emitProgram({ name: 'encoder', outputs, fixed: fixParameters(graph, parameters) });
}
