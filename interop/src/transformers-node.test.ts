// A student folder in @huggingface/transformers, as a Node program uses it.
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  pipeline,
  type Tensor,
} from '@huggingface/transformers';
import { expect, test } from 'vitest';
import { answersOf, mostTokens, students, tagsOf } from './made.ts';

env.allowRemoteModels = false;
env.localModelPath = students;

test.each([
  { student: 'classifier', dtype: 'fp32', answers: 'classifier' },
  { student: 'classifier', dtype: 'q8', answers: 'classifier-quantised' },
  { student: 'encoder', dtype: 'fp32', answers: 'encoder' },
] as const)(
  'a text-classification pipeline gives the answers of $answers',
  async ({ student, dtype, answers }) => {
    const classify = await pipeline('text-classification', student, { dtype });
    const wanted = answersOf(answers);
    expect(wanted.length).toBeGreaterThan(200);
    const got: { text: string; answer: string; confidence: number }[] = [];
    for (const { text } of wanted) {
      const [{ label, score }] = (await classify(text)) as { label: string; score: number }[];
      got.push({ text, answer: label, confidence: score });
    }
    await classify.dispose();
    expect(got).toEqual(wanted.map((one) => ({ ...one, confidence: expect.closeTo(one.confidence, 4) })));
  },
);

test('the model of a student that extracts says what it says in Kolben', async () => {
  const tokenizer = await AutoTokenizer.from_pretrained('tagger');
  const model = await AutoModel.from_pretrained('tagger', { dtype: 'fp32' });
  for (const { text, tags, choices } of tagsOf('tagger')) {
    const said = (await model(tokenizer(text))) as { tags: Tensor; choices: Tensor };
    for (const [found, wanted] of [
      [said.tags, tags],
      [said.choices, choices],
    ] as const) {
      expect(found.data.length).toBe(wanted.length);
      const furthest = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - Number(found.data[i]))), 0);
      expect(furthest, text).toBeLessThan(1e-3);
    }
  }
  await model.dispose();
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
