/**
 * What the model card says of a tagger.
 *
 * @module
 */
import { slotsOf } from '../../extract/analyse.ts';
import type { FamilyCard } from '../family.ts';
import { configName, onnxName, tokenizerName, weightsName } from '../folder/file-names.ts';
import { number } from '../folder/words.ts';
import type { TaggerSettings } from './config-file.ts';

export function cardOf({ shape, plan }: TaggerSettings): FamilyCard {
  const { byteLimit, maxWords } = shape;
  const slots = slotsOf(plan).map(({ path, how, reader, values }) => {
    const way = {
      span: `words of the text, read as \`${reader}\``,
      spans: `words of the text, each read as \`${reader}\``,
      choice: `one of ${values} values`,
      constant: 'always the same',
    }[how];
    return `| \`${path}\` | ${way} |`;
  });
  return {
    pipelineTag: 'token-classification',
    limits: [
      `It reads the first ${number(byteLimit)} bytes of a text (as UTF-8, after normalisation), of these the first ${number(maxWords)} words. What comes later does not count.`,
      'Values are whole words of the text, or of the lists that it was taught; it makes up nothing, and cannot say what stands in neither.',
      'Its answers always keep to the JSON Schema in kolben.json. Where it finds nothing that does, it gives the commonest answer with a confidence of 0.',
      'It was trained from nothing on the examples above. What words mean it knows from there alone, and a word it has never seen only by its spelling.',
    ],
    usage: `How each part of an answer is found:

| path | way |
|---|---|
${slots.join('\n')}

With Kolben: \`openStudent('<this folder>')\` from \`@kolben/distill\`, then \`answer(['a text'])\`.

Any ONNX Runtime runs \`${onnxName}\`: input \`input_ids\` (texts × bytes, 64-bit integers, 0 after the end of shorter texts), outputs \`tags\` (texts × ${number(maxWords)} words × tags) and \`choices\` (texts × values), logits both, where there are such. \`${tokenizerName}\` turns a text into those bytes in every reader of that format; cut them after ${number(byteLimit)}. The names of tags and values, the plan by which they become an answer, and the numbers by which logits become a confidence are in \`${configName}\`; \`${weightsName}\` holds the same numbers for other frameworks.`,
  };
}
