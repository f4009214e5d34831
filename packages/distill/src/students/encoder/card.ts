/**
 * What the model card says of a classifier on an open encoder.
 *
 * @module
 */
import type { FamilyCard } from '../family.ts';
import { configName, onnxName, tokenizerName, weightsName } from '../folder/file-names.ts';
import { number } from '../folder/words.ts';
import type { ReadModel } from './model-files.ts';

export function cardOf({ shape, maxTokens, novelty }: ReadModel, architecture: string): FamilyCard {
  const inputs = [
    '`input_ids`, `attention_mask`',
    ...(shape.kind === 'bert' && shape.types > 0 ? ['`token_type_ids`'] : []),
  ].join(' and ');
  return {
    pipelineTag: 'text-classification',
    limits: [`It reads the first ${number(maxTokens)} tokens of a text. What comes later does not count.`],
    usage: `Hugging Face's libraries open this folder as \`${architecture}\`. Any ONNX Runtime runs \`${onnxName}\`: inputs ${inputs} (texts × tokens, 64-bit integers), output \`logits\` (texts × labels), whose softmax is the confidence. \`${tokenizerName}\` turns a text into tokens, the names of the labels are in \`${configName}\`, and \`${weightsName}\` holds the same numbers for other frameworks${
      novelty
        ? `, without what tells texts that belong to no label: its softmax is what the confidence would be if every text did. The certificate holds for \`${onnxName}\``
        : ''
    }.

\`\`\`js
import { env, pipeline } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = '<the folder that holds this folder>';
const classify = await pipeline('text-classification', '<the name of this folder>', { dtype: 'fp32' });
console.log(await classify('a text'));
\`\`\``,
  };
}
