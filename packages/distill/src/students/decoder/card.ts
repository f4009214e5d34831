/**
 * What the model card says of a decoder.
 *
 * @module
 */
import type { FamilyCard } from '../family.ts';
import { configName, onnxName, tokenizerName, weightsName } from '../folder/file-names.ts';
import { number } from '../folder/words.ts';
import type { GenerateTask } from '../task.ts';
import type { PromptFormat } from './prompt.ts';

export function cardOf(
  { textTokens, answerTokens, end }: PromptFormat,
  { schema }: GenerateTask,
  { based }: { readonly based: boolean } = { based: false },
): FamilyCard {
  return {
    pipelineTag: 'text-generation',
    limits: [
      `It reads the first ${number(textTokens)} tokens of a text; what comes later does not count. It writes ${number(answerTokens)} tokens at the most, and an answer without an end is never certified.`,
      'It writes what is likeliest, token by token. Whether that is true it cannot know: the certificate speaks of agreement with the teacher.',
      ...(schema
        ? [
            'Kolben holds its answers to the JSON schema in `kolben.json`. Other tools that run it don’t, unless they are given the schema.',
          ]
        : []),
      ...(based
        ? []
        : ['It was trained from nothing on the examples above, and knows no language beyond them.']),
    ],
    usage: `\`${weightsName}\` and \`${configName}\` are a decoder in Hugging Face's layout (the class is named in \`${configName}\`), \`${tokenizerName}\` is its tokenizer, which puts around every text what asks for an answer. \`${onnxName}\` is the same model for ONNX Runtime, with keys and values as inputs and outputs. An answer ends with token ${end}.

With Node 20 or newer and \`@huggingface/transformers\`:

\`\`\`js
import { AutoModelForCausalLM, AutoTokenizer, env } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = '<the folder above this one>';
const tokenizer = await AutoTokenizer.from_pretrained('<this folder>');
const model = await AutoModelForCausalLM.from_pretrained('<this folder>', { dtype: 'fp32' });
const inputs = tokenizer('a text');
const output = await model.generate({ ...inputs, max_new_tokens: ${answerTokens}, do_sample: false });
const [read] = inputs.input_ids.dims.slice(-1);
console.log(tokenizer.decode(output.slice(null, [read, null])[0], { skip_special_tokens: true }));
\`\`\``,
  };
}
