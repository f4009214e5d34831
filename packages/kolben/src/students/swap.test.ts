import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway } from '@kolben/gateway';
import { openStore } from '@kolben/store';
import { expect, test } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { mockTeacher } from '../testing/mock-teacher.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';
import { registerStudent } from './register-student.ts';

const clients = 32;
const swaps = 12;

test('students are swapped and rolled back while 32 clients call, and no call is dropped', async () => {
  const folder = emptyFolder();
  const closing: (() => unknown)[] = [() => folder.remove()];
  try {
    const texts = makeTexts(200);
    const students = [];
    for (const [name, from] of [
      ['one', 0],
      ['two', 40],
    ] as const) {
      const [file, out] = [join(folder.path, `${name}.jsonl`), join(folder.path, name)];
      writeFileSync(file, exampleFile(texts.slice(from, from + 160)));
      const { code, stderr } = await callKolben([
        'distill',
        file,
        '--out',
        out,
        '--alpha',
        '0.3',
        '--chips',
        '1',
      ]);
      expect(code, stderr).toBe(0);
      students.push(out);
    }
    const [one, two] = students as [string, string];
    const labelOf = new Map(texts.map(({ text, label }) => [text, label]));
    const teacher = await mockTeacher((text) => labelOf.get(text)!);
    closing.unshift(() => teacher.close());
    const store = await openStore({ directory: join(folder.path, '.kolben') });
    closing.unshift(() => store.close());
    const first = await registerStudent(store, 'mails', one);
    const second = await registerStudent(store, 'mails', two, { promote: false });
    const gateway = await startGateway({
      ...{ store, port: 0, refreshMs: 1 },
      config: {
        providers: {
          local: {
            baseUrl: `http://127.0.0.1:${teacher.port}/v1`,
            prices: { m: { inputPerMillion: 1, outputPerMillion: 1 } },
          },
        },
        tasks: { mails: { kind: 'classify', teacher: 'local/m', route: 'cascade', audit: 0.2 } },
      },
    });
    closing.unshift(() => gateway.close());
    const { secret } = await store.keys.create({ name: 'test', scope: 'use' });

    let over = false;
    let calls = 0;
    const answered = { student: 0, teacher: 0 };
    const client = async (n: number) => {
      for (let i = n; !over; i += clients, calls++) {
        const { text, label } = texts[i % texts.length]!;
        const response = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'kolben/mails', messages: [{ role: 'user', content: text }] }),
        });
        expect(response.status).toBe(200);
        const by = response.headers.get('x-kolben-answered-by') as keyof typeof answered;
        const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
        if (by === 'teacher') expect(choices[0]!.message.content).toBe(label);
        else expect([...labelOf.values()]).toContain(choices[0]!.message.content);
        expect(response.headers.get('x-kolben-reason')).not.toBe('student-failed');
        answered[by] += 1;
      }
    };
    const working = Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
    // Whatever goes wrong with a client is told at the end, and must not be unheard until then.
    working.catch(() => {
      over = true;
    });
    /** Until so many more calls have been answered. */
    const some = async () => {
      const from = calls;
      while (calls < from + 2 * clients && !over) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let swap = 0; swap < swaps && !over; swap++) {
      await some();
      if (swap % 2 === 0) await store.students.promote(second.id);
      else expect(await store.students.rollBack('mails')).toMatchObject({ to: { id: first.id } });
    }
    await some();
    over = true;
    await working;
    await gateway.flush();
    expect(answered.student).toBeGreaterThan(0);
    expect(await store.calls.count()).toBe(answered.student + answered.teacher);
    const word = async (student: string) =>
      (await store.calls.agreement({ task: 'mails', student, route: 'cascade' })).certified;
    expect(await word(first.id)).toBeGreaterThan(0);
    expect(await word(second.id)).toBeGreaterThan(0);
    expect((await store.ledger.totals()).calls).toBe(answered.student + answered.teacher);
  } finally {
    for (const close of closing) await close();
  }
});
