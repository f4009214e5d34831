/**
 * How to use a student without Kolben: the script in its README, which a test runs.
 *
 * @module
 */
export const usageScript = `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder, ...texts] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const config = read('config.json');
const { certificate } = read('kolben.json');
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
const session = await InferenceSession.create(join(folder, 'onnx', 'model.onnx'));

for (const text of texts) {
  const ids = tokenizer.encode(text).ids.slice(0, config.max_position_embeddings);
  const input_ids = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const { data } = (await session.run({ input_ids })).logits;
  const best = data.indexOf(Math.max(...data));
  const confidence = 1 / data.reduce((sum, logit) => sum + Math.exp(logit - data[best]), 0);
  const certified = certificate !== null && confidence >= certificate.threshold;
  console.log(JSON.stringify({ answer: config.id2label[best], confidence, certified }));
}
`;
