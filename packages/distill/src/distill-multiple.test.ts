import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { expect, test } from 'vitest';
import { distill } from './distill.ts';
import { answersEqual } from './students/answers-equal.ts';
import { openStudent } from './students/open-student.ts';

/** What a mail complains of: any of these, or nothing. */
const complaints: Record<string, readonly string[]> = {
  late: ['das Paket kam zu spät', 'die Lieferung hat zwei Wochen gedauert', 'ich warte noch immer'],
  broken: ['das Glas war zerbrochen', 'ein Teil ist kaputt', 'die Tasse hat einen Sprung'],
  price: ['die Rechnung ist zu hoch', 'ich habe zu viel bezahlt', 'der Preis stimmt nicht'],
};
const openings = ['Guten Tag', 'Hallo', 'Sehr geehrtes Team', 'Servus', 'Liebe Leute'];
const endings = ['danke', 'mit freundlichen Grüßen', 'bitte um Antwort', 'bis bald', 'Ihre Kundin'];

function mails(count: number, seed: number): { text: string; answer: string }[] {
  const draw = randomStream(seed, 'mails');
  const one = (from: readonly string[]) => from[Math.floor(uniform(draw) * from.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const named = Object.keys(complaints).filter(() => uniform(draw) < 0.4);
    const sentences = named.map((label) => one(complaints[label]!));
    const text = [`${one(openings)}, Auftrag ${100 + i}`, ...sentences, one(endings)].join('. ');
    // As a teacher might: in no order.
    return { text, answer: JSON.stringify(uniform(draw) < 0.5 ? named : named.toReversed()) };
  });
}

const asExamples = (list: ReturnType<typeof mails>): Example[] =>
  list.map(({ text, answer }) => ({ messages: [{ role: 'user', content: text }], answer, extra: {} }));

test('several labels, one or none are answered as a list, certified, and told by the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kolben-multiple-'));
  const out = join(folder, 'student');
  const report = await distill({ examples: asExamples(mails(240, 1)), out, alpha: 0.2, timeBudget: 600 });
  expect(report.task).toEqual({ kind: 'classify', labels: ['broken', 'late', 'price'], multiple: true });
  expect(report.test.agreement).toBeGreaterThan(0.9);
  expect(report.certificate).not.toBeNull();
  expect(report.baselines.ngramLinear).toBeNull();
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({
    problem_type: 'multi_label_classification',
    novelty: null,
  });

  const student = await openStudent(out);
  const unseen = mails(200, 2);
  const answers = await student.answer(unseen.map(({ text }) => text));
  await student.close();
  const agreed = answers.filter(({ answer }, i) => answersEqual(student.task, unseen[i]!.answer, answer));
  expect(agreed.length / unseen.length).toBeGreaterThan(0.9);
  // None, one and several.
  expect(new Set(answers.map(({ answer }) => (JSON.parse(answer) as string[]).length)).size).toBeGreaterThan(
    2,
  );
  await rm(folder, { recursive: true });
});

test('labels count as the same in whatever order, and only those of the task', () => {
  const task = { name: 't', kind: 'classify', labels: ['a', 'b'], multiple: true } as const;
  const mutable = { ...task, labels: [...task.labels] };
  expect(answersEqual(mutable, '["b", "a"]', '["a","b"]')).toBe(true);
  expect(answersEqual(mutable, '["b"]', '["a","b"]')).toBe(false);
  expect(answersEqual(mutable, '["c"]', '["c"]')).toBe(false);
});
