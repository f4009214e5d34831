// A student folder in @huggingface/transformers, as a Node program uses it.
import { env, pipeline } from '@huggingface/transformers';
import { expect, test } from 'vitest';
import { answersOf, students } from './made.ts';

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
