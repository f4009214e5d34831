/**
 * What the model card says of a classifier from scratch.
 *
 * @module
 */
import type { FamilyCard } from '../family.ts';
import { configName, onnxName, tokenizerName, weightsName } from '../folder/file-names.ts';
import { number } from '../folder/words.ts';
import type { StudentShape } from './shape.ts';
import { usageScript } from './usage-script.ts';

export function cardOf({ byteLimit, maxWords }: StudentShape): FamilyCard {
  return {
    pipelineTag: 'text-classification',
    limits: [
      `It reads the first ${number(byteLimit)} bytes of a text (as UTF-8, after normalisation), of these the first ${number(maxWords)} words in their order and all words as a bag. What comes later does not count.`,
      'Capital letters, typographic quotes and invisible characters make no difference to it.',
      'It was trained from nothing on the examples above. What words mean it knows from there alone, and a word it has never seen only by its spelling.',
    ],
    usage: `Any ONNX Runtime runs \`${onnxName}\`: input \`input_ids\` (texts × bytes, 64-bit integers, 0 after the end of shorter texts), output \`logits\` (texts × labels), whose softmax is the confidence. \`${tokenizerName}\` turns a text into those bytes in every reader of that format; cut them after ${number(byteLimit)}. The names of the labels are in \`${configName}\`, and \`${weightsName}\` holds the same numbers for other frameworks.

With Node 20 or newer: \`npm install onnxruntime-node@1.24.3 @huggingface/tokenizers@0.2.0\`, save this as \`answer.mjs\` outside of this folder, and run \`node answer.mjs <this folder> "a text" "another text"\`.

\`\`\`js
${usageScript}\`\`\``,
  };
}
