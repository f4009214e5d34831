// A student folder in @huggingface/transformers, as a Node program uses it.
import { AutoModelForCausalLM, AutoTokenizer, env, pipeline, type Tensor } from '@huggingface/transformers';
import { expect, test } from 'vitest';
import { answersOf, mostTokens, students } from './made.ts';

env.allowRemoteModels = false;
env.localModelPath = students;

test('a text-classification pipeline gives the answers that Kolben gives', async () => {
  const classify = await pipeline('text-classification', 'classifier', { dtype: 'fp32' });
  const wanted = answersOf('classifier');
  expect(wanted.length).toBeGreaterThan(300);
  const got: { text: string; answer: string; confidence: number }[] = [];
  for (const { text } of wanted) {
    const [{ label, score }] = (await classify(text)) as { label: string; score: number }[];
    got.push({ text, answer: label, confidence: score });
  }
  await classify.dispose();
  expect(got).toEqual(wanted.map((one) => ({ ...one, confidence: expect.closeTo(one.confidence, 4) })));
});

test('a student that writes answers as in Kolben', async () => {
  const tokenizer = await AutoTokenizer.from_pretrained('writer');
  const model = await AutoModelForCausalLM.from_pretrained('writer', { dtype: 'fp32' });
  for (const { text, answer } of answersOf('writer')) {
    const inputs = tokenizer(text) as { input_ids: Tensor };
    const made = (await model.generate({
      ...inputs,
      max_new_tokens: mostTokens('writer'),
      do_sample: false,
    } as never)) as Tensor;
    const [read] = inputs.input_ids.dims.slice(-1);
    const [found] = tokenizer.batch_decode(made.slice(null, [read, made.dims[1]]), {
      skip_special_tokens: true,
    });
    expect({ text, found }).toEqual({ text, found: answer });
  }
  await model.dispose();
});
