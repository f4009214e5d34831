import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NewCall, openStore, type Store } from '@kolben/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const kolben = (...args: string[]) => callKolben(args, { cwd: folder.path });

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { stdout, code, stderr } = await kolben(...args, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function shadowed(text: string, teacher: string, student: string, confidence: number): NewCall {
  return {
    ...makeCall(text, teacher),
    ...{ route: 'shadow', agreed: student === teacher },
    student: { id: 'student_1', answer: student, confidence, certified: true },
  };
}

interface Listed {
  disagreements: { call: { id: string }; decision: { verdict: string } | null }[];
  counts: { disagreements: number; decided: Record<string, number> };
}

describe('disagreements', () => {
  it('are listed, decided, decided anew, taken back, and exported with what was decided', async () => {
    await json('init');
    const ids = await withStore(async (store) => {
      const calls = [
        shadowed('Win $500 \u001B[31m', 'ham', 'spam', 0.99),
        shadowed('Lunch?', 'spam', 'ham', 0.8),
        shadowed('Hello', 'ham', 'ham', 0.9),
      ];
      return Promise.all(calls.map((call) => store.calls.record(call)));
    });
    const listed = await json<Listed>('calls', 'disagreements', 'mails', '--order', 'surest');
    expect(listed.disagreements.map(({ call }) => call.id)).toEqual([ids[0], ids[1]]);
    expect(listed.counts).toMatchObject({ disagreements: 2, decided: { student: 0 } });
    const shown = await kolben('calls', 'disagreements', 'mails');
    expect(shown.stdout).toContain('2 disagreements of 2 disagreements, 0 decided');
    expect(shown.stdout).not.toContain('\u001B');

    await json('calls', 'decide', ids[0]!, '--right', 'teacher');
    expect(await json('calls', 'decide', ids[0]!, '--right', 'student')).toMatchObject({
      call: ids[0],
      decision: { verdict: 'student', answer: null, by: 'cli' },
    });
    // The task's labels are the teacher's so far; one that it never gave is a slip of the hand, unless it is said to be new.
    const other = ['calls', 'decide', ids[1]!, '--right', 'neither', '--answer', 'invitation'];
    expect((await kolben(...other)).stderr).toContain('"invitation" is no label of the task \'mails\'');
    await json(...other, '--new-label');
    expect((await json<Listed>('calls', 'disagreements', 'mails', '--open')).disagreements).toEqual([]);
    await json('calls', 'export', '--task', 'mails', '--out', 'mails.jsonl');
    const { stdout } = await kolben('calls', 'export', '--task', 'mails');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { messages: { content: string }[] });
    const byText = new Map(lines.map((line) => [line.messages[0]!.content, line]));
    expect(byText.get('Win $500 \u001B[31m')).toMatchObject({
      messages: [{}, { content: 'spam' }],
      ...{ decided: 'student', teacherAnswer: 'ham' },
    });
    expect(byText.get('Lunch?')).toMatchObject({
      messages: [{}, { content: 'invitation' }],
      decided: 'neither',
    });
    expect(byText.get('Hello')).not.toHaveProperty('decided');

    expect(await json('calls', 'decide', ids[1]!, '--undo')).toMatchObject({ decision: null, removed: true });
    expect(await json('calls', 'decide', ids[1]!, '--undo')).toMatchObject({ removed: false });
    const { events } = await json<{ events: { act: string }[] }>('audit');
    expect(events.filter(({ act }) => act === 'call.decide')).toHaveLength(3);

    for (const args of [
      [ids[2]!, '--right', 'student'],
      ['call_nowhere', '--right', 'student'],
      [ids[0]!],
      [ids[0]!, '--right', 'both'],
      [ids[0]!, '--right', 'neither'],
      [ids[0]!, '--right', 'student', '--answer', 'x'],
      [ids[0]!, '--right', 'student', '--undo'],
    ]) {
      const failed = await kolben('calls', 'decide', ...args);
      expect(failed.code, args.join(' ')).not.toBe(0);
      expect(failed.stderr).not.toContain('    at ');
    }
  });
});

describe('students certify', () => {
  it('shows what other alphas would certify, gives one of them, and the old student can be put back', async () => {
    await json('init');
    writeFileSync(join(folder.path, 'mails.jsonl'), exampleFile(makeTexts(200)));
    const out = join(folder.path, 'student');
    await json(
      ...['distill', join(folder.path, 'mails.jsonl'), '--out', out, '--alpha', '0.3', '--chips', '1'],
    );
    const { student } = await json<{ student: { id: string; digest: string } }>(
      'students',
      'register',
      'mails',
      out,
    );
    const shown = await json<{ choices: { alpha: number; certificate: { coverage: number } | null }[] }>(
      ...['students', 'certify', student.id],
    );
    const choice = shown.choices.findLast(({ certificate }) => certificate)!;
    expect((await kolben('students', 'certify', student.id)).stdout).toContain('95.0 % confidence');
    const done = await json<{ student: { id: string; digest: string }; promoted: boolean }>(
      ...['students', 'certify', student.id, '--alpha', String(choice.alpha)],
    );
    expect(done).toMatchObject({ promoted: true, before: student.id });
    expect(done.student.digest).not.toBe(student.digest);
    await withStore(async (store) => {
      const current = await store.students.current('mails');
      expect(current).toMatchObject({
        id: done.student.id,
        certificate: { alpha: choice.alpha, delta: 0.05 },
      });
      expect((await store.events.list({ task: 'mails', what: ['student_certified'] }))[0]).toMatchObject({
        student: done.student.id,
        detail: { from: student.id, alpha: choice.alpha, promoted: true },
      });
    });
    expect(await json('students', 'rollback', 'mails')).toMatchObject({
      from: done.student.id,
      to: student.id,
    });

    expect((await kolben('students', 'certify', student.id, '--alpha', '0.04')).stderr).toContain(
      '0.01, 0.02',
    );
    expect((await kolben('students', 'certify', 'student_x')).stderr).toContain(
      "There is no student 'student_x'",
    );
    // A student that was found out is not made good again by what it was calibrated on.
    await withStore(async (store) => {
      const callId = await store.calls.record(shadowed('x', 'ham', 'spam', 1));
      const audit = {
        callId,
        task: 'mails',
        student,
        agreed: false,
        provider: 'p',
        model: 'm',
        response: null,
      };
      await store.watches.record({ ...audit, promptTokens: 1, completionTokens: 1, cost: 0 }, () => ({
        ...{ state: {}, rung: true, figures: {} },
      }));
    });
    const withdrawn = await kolben('students', 'certify', student.id, '--alpha', String(choice.alpha));
    expect(withdrawn).toMatchObject({ code: 1, stderr: expect.stringContaining('is withdrawn because') });
    // And it doesn't get its place back by the way.
    await json('students', 'promote', done.student.id);
    expect((await kolben('students')).stdout).toContain('withdrawn');
    const refused = await kolben('students', 'rollback', 'mails');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('rollback mails --withdrawn') });
    const back = await kolben('students', 'rollback', 'mails', '--withdrawn');
    expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining('so the teacher answers') });
    expect((await kolben('students', 'rollback', 'mails')).stderr).toContain('has no student before');
  });
});
