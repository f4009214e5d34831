import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defineConfig,
  distill,
  type Gateway,
  openStore,
  registerStudent,
  type Store,
  startGateway,
} from 'kolben';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answeredByStudent, askedTexts, serviceFacts } from './figures.ts';
import { type ReplayTeacher, startReplayTeacher } from './replay-teacher.ts';

/** The main job with short invented texts: everything real, only small. */

const topics = {
  billing: ['invoice', 'refund', 'charged', 'payment', 'receipt'],
  delivery: ['parcel', 'courier', 'tracking', 'package', 'doorstep'],
  account: ['password', 'login', 'username', 'profile', 'locked'],
};
const labels = Object.keys(topics) as (keyof typeof topics)[];
const texts = Array.from({ length: 240 }, (_, i) => {
  const label = labels[i % 3]!;
  const words = topics[label];
  return {
    label,
    text: `hello about the ${words[i % 5]} and my ${words[(i * 7 + 2) % 5]} of day ${(i * 13) % 97}, number ${i}, please`,
  };
});
const recorded = texts.slice(0, 160);
const unseen = texts.slice(160);

let folder: string;
let teacher: ReplayTeacher;
let store: Store;
let gateway: Gateway;
let client: OpenAI;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-main-job-'));
  const answers = new Map(texts.map(({ text, label }) => [text, label]));
  teacher = await startReplayTeacher({ model: 'labels', answers, medianMs: 2, spread: 0.1, seed: 0 });
  store = await openStore({ directory: join(folder, 'data') });
  const task = {
    ...{ kind: 'classify' as const, teacher: 'replay/labels', route: 'teacher' as const, audit: 0 },
  };
  gateway = await startGateway({
    config: defineConfig({
      port: 0,
      providers: {
        replay: {
          baseUrl: teacher.baseUrl,
          prices: { labels: { inputPerMillion: 10, outputPerMillion: 20 } },
        },
      },
      tasks: { queue: task, 'queue-check': task },
    }),
    store,
  });
  const { secret } = await store.keys.create({ name: 'test', scope: 'use' });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.close();
  await store?.close();
  await teacher?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks with the official client, eight at a time, and gives each answer with who gave it. */
async function ask(model: string, some: readonly { text: string }[]) {
  const queue = some.values();
  const said: { text: string; answer: string | null | undefined; by: string | null }[] = [];
  const worker = async () => {
    for (const { text } of queue) {
      const { data, response } = await client.chat.completions
        .create({
          model,
          messages: [
            { role: 'system', content: 'Which queue?' },
            { role: 'user', content: text },
          ],
        })
        .withResponse();
      said.push({
        text,
        answer: data.choices[0]?.message.content,
        by: response.headers.get('x-kolben-answered-by'),
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await gateway.flush();
  return said;
}

it('records, distils, certifies, switches, answers and adds up', async () => {
  const taught = await ask('kolben/queue', recorded);
  expect(new Set(taught.map(({ by }) => by))).toEqual(new Set(['teacher']));
  expect(await store.calls.count({ task: 'queue' })).toBe(recorded.length);

  const out = join(folder, 'student');
  const report = await distill({
    examples: store.calls.examples('queue'),
    out,
    task: 'queue',
    alpha: 0.2,
    chips: 1,
  });
  expect(report.task).toMatchObject({ labels: [...labels].sort() });
  expect(report.certificate).not.toBeNull();
  await registerStudent(store, 'queue', out);
  await store.routes.set('queue', 'cascade');
  await new Promise((switched) => setTimeout(switched, 300));

  const answered = await ask('kolben/queue', unseen);
  const labelOf = new Map(unseen.map(({ text, label }) => [text, label]));
  const own = answered.filter(({ by }) => by === 'student');
  expect(own.length).toBeGreaterThan(unseen.length / 2);
  expect(own.filter(({ text, answer }) => answer === labelOf.get(text)).length / own.length).toBeGreaterThan(
    0.9,
  );
  expect(
    answered.filter(({ by }) => by === 'teacher').every(({ text, answer }) => answer === labelOf.get(text)),
  ).toBe(true);

  const byStudent = await answeredByStudent(store, 'queue');
  expect(byStudent).toEqual(new Set(own.map(({ text }) => text)));
  expect([...(await askedTexts(store, 'queue', ['cascade'])).values()].reduce((a, b) => a + b, 0)).toBe(
    unseen.length,
  );
  await ask('kolben/queue-check', own);
  const facts = await serviceFacts({
    store,
    task: 'queue',
    checkTask: 'queue-check',
    seconds: 1,
    aboutLatency: '',
  });
  expect(facts).toMatchObject({ asked: unseen.length, answeredByStudent: own.length, checked: own.length });
  expect(facts.confusion.counts.flat().reduce((a, b) => a + b, 0)).toBe(own.length);
  expect(facts.agreed).toBe(own.filter(({ text, answer }) => answer === labelOf.get(text)).length);

  // The ledger: what was paid is what the teacher answered; what the teacher alone would have cost is more.
  const rows = await store.ledger.summary({ task: 'queue' });
  const student = rows.find(({ answeredBy }) => answeredBy === 'student');
  expect(student).toMatchObject({ calls: own.length, cost: 0 });
  expect(student!.teacherCost).toBeGreaterThan(0);
  expect(facts.cost.teacherAlone).toBeGreaterThan(facts.cost.paid);
  const totals = await store.ledger.totals({ task: 'queue' });
  expect(facts.cost.recording + facts.cost.paid).toBeCloseTo(totals.cost, 9);
}, 120_000);
