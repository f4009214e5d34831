/**
 * Programs that answer with an open encoder, in the inputs and outputs that other people's tools expect.
 *
 * @module
 */
import { emitProgram, type Program } from '../compile/program.ts';
import type { Parameters } from '../run/run-state.ts';
import { fixParameters } from './fix-parameters.ts';
import { encodeTexts, type TextEncoderShape, textClassifier } from './text-encoder.ts';

/** `input_ids`, `attention_mask` and, where there are types, `token_type_ids`, (B, T) int64 → `logits` (B, classes). */
export function textClassifierProgram(
  shape: TextEncoderShape,
  parameters: Parameters,
  { classes, metadata }: { readonly classes: number; readonly metadata?: Readonly<Record<string, string>> },
): Program {
  const { logits } = textClassifier(shape, { classes });
  const fixed = fixParameters(logits.graph, parameters);
  return emitProgram({
    name: 'classifier',
    outputs: [{ value: logits, name: 'logits' }],
    fixed,
    ...(metadata && { metadata }),
  });
}

/** The same inputs → `last_hidden_state` (B·T, width): the rows of all texts, one after the other. */
export function hiddenStatesProgram(shape: TextEncoderShape, parameters: Parameters): Program {
  const { graph, hidden } = encodeTexts(shape);
  const outputs = [{ value: hidden, name: 'last_hidden_state' }];
  return emitProgram({ name: 'encoder', outputs, fixed: fixParameters(graph, parameters) });
}
