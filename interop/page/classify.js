// What a page does to answer with a student: nothing but Transformers.js, its runtime and the student's folder.
import {
  AutoModel,
  AutoTokenizer,
  env,
  pipeline,
} from '/packages/@huggingface/transformers/dist/transformers.min.js';

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = '/students/';
const runtime = `${location.origin}/packages/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify`;
env.backends.onnx.wasm.wasmPaths = { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` };

/** The answers to the texts, one after the other. */
export async function classify(student, dtype, texts) {
  const classifier = await pipeline('text-classification', student, { dtype, device: 'wasm' });
  const answers = [];
  for (const text of texts) answers.push(...(await classifier(text)));
  await classifier.dispose();
  return answers;
}

/** What the model of a student that extracts says of the texts, row after row. */
export async function tag(student, texts) {
  const tokenizer = await AutoTokenizer.from_pretrained(student);
  const model = await AutoModel.from_pretrained(student, { dtype: 'fp32', device: 'wasm' });
  const said = [];
  for (const text of texts) {
    const { tags, choices } = await model(tokenizer(text));
    said.push({ tags: Array.from(tags.data), choices: Array.from(choices.data) });
  }
  await model.dispose();
  return said;
}
