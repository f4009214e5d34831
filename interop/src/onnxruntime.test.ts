// A student's model in plain onnxruntime: nothing but the file, and the tokens that its tokenizer.json stands for.
import { join } from 'node:path';
import { AutoTokenizer, env, type Tensor as TransformersTensor } from '@huggingface/transformers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { answersOf, students, tagsOf } from './made.ts';

env.allowRemoteModels = false;
env.localModelPath = students;

/** What a student's model says of a text. */
async function openModel(student: string) {
  const file = join(students, student, 'onnx/model.onnx');
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const tokenizer = await AutoTokenizer.from_pretrained(student);
  return {
    async run(text: string) {
      const tokens = tokenizer(text, { truncation: true }) as Record<string, TransformersTensor>;
      const { input_ids: ids } = tokens;
      // Tokens of one text are all of the first kind, of which a tokenizer needs to say nothing.
      const feed = (name: string) =>
        new Tensor(
          'int64',
          (tokens[name]?.data ?? new BigInt64Array(ids.data.length)) as BigInt64Array,
          ids.dims,
        );
      return session.run(Object.fromEntries(session.inputNames.map((name) => [name, feed(name)])));
    },
    release: () => session.release(),
  };
}

/** The largest of the softmax. */
function confidence(logits: Float32Array): number {
  const most = Math.max(...logits);
  return 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
}

test.each(['classifier', 'encoder'])('%s is as sure of each text as in Kolben', async (student) => {
  const model = await openModel(student);
  for (const { text, confidence: wanted } of answersOf(student)) {
    const { logits } = await model.run(text);
    expect(confidence(logits.data as Float32Array), text).toBeCloseTo(wanted, 4);
  }
  await model.release();
});

test('the model of a student that extracts says what it says in Kolben', async () => {
  const model = await openModel('tagger');
  for (const { text, ...wanted } of tagsOf('tagger')) {
    const said = await model.run(text);
    for (const name of ['tags', 'choices'] as const) {
      const found = said[name].data as Float32Array;
      expect(found.length).toBe(wanted[name].length);
      const furthest = wanted[name].reduce((most, x, i) => Math.max(most, Math.abs(x - found[i])), 0);
      expect(furthest, text).toBeLessThan(1e-3);
    }
  }
  await model.release();
});
