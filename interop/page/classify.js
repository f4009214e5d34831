// What a page does to answer with a student: nothing but Transformers.js, its runtime and the student's folder.
import { env, pipeline } from '/packages/@huggingface/transformers/dist/transformers.min.js';

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = '/students/';
const runtime = `${location.origin}/packages/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify`;
env.backends.onnx.wasm.wasmPaths = { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` };

/** The answers to the texts, one after the other. */
export async function classify(student, texts) {
  const classifier = await pipeline('text-classification', student, { dtype: 'fp32', device: 'wasm' });
  const answers = [];
  for (const text of texts) answers.push(...(await classifier(text)));
  await classifier.dispose();
  return answers;
}
