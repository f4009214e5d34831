import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NewCall, openStore, type Store } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { makeCall } from '../testing/make-call.ts';
import { makeTexts } from '../testing/make-examples.ts';
import { callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';
import { watchActs } from '../watch/watch-acts.ts';

/** A task on its whole way: calls, a student, the shadow, daily work, and back. */

let folder: ReturnType<typeof emptyFolder>;
let store: Store;
const texts = makeTexts(280);
const soon = { timeout: 60_000, interval: 20 };

beforeAll(async () => {
  folder = emptyFolder();
  const config = {
    providers: {
      openai: {
        baseUrl: 'http://127.0.0.1:9/v1',
        prices: { 'gpt-4.1-mini': { inputPerMillion: 1, outputPerMillion: 1 } },
      },
    },
    tasks: {
      mails: {
        ...{ kind: 'classify', teacher: 'openai/gpt-4.1-mini', falseAlarm: 0.01 },
        watch: {
          ...{ calls: 110, newCalls: 60, shadowCalls: 20, minimumCoverage: 0.05, alpha: 0.2 },
          ...{ timeBudget: 6, chips: 1, every: 1 },
        },
      },
    },
  };
  writeFileSync(
    join(folder.path, 'kolben.config.ts'),
    `import { defineConfig } from 'kolben';\nexport default defineConfig(${JSON.stringify(config)});\n`,
  );
  store = await openStore({ directory: join(folder.path, '.kolben') });
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

const plainly = (...args: string[]) =>
  callKolben([...args, '--config', join(folder.path, 'kolben.config.ts')]);
async function kolben(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await plainly(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}
const watch = (...args: string[]) => kolben('watch', 'mails', ...args);

async function record(from: number, to: number, differs: Partial<NewCall> = {}): Promise<void> {
  await Promise.all(
    texts
      .slice(from, to)
      .map(({ text, label }) => store.calls.record({ ...makeCall(text, label), at: new Date(), ...differs })),
  );
}
/** Whether the console offers it. */
const canUndo = async () =>
  (await watchActs(store, await loadConfig(join(folder.path, 'kolben.config.ts'))).next('mails')).canUndo;
const route = () => store.routes.get('mails');

describe('kolben watch', () => {
  it('waits until there are calls enough, and says so beforehand', async () => {
    await record(0, 100);
    expect(await watch('--dry-run')).toMatchObject({
      tasks: [
        {
          task: 'mails',
          state: { route: 'teacher', student: null, calls: 100, newCalls: 100, distilled: false },
          next: { kind: 'wait', why: "10 more calls with a teacher's answer make the next dataset" },
        },
      ],
    });
    await record(100, 120);
    const { stdout } = await plainly('watch', 'mails', '--dry-run');
    expect(stdout).toBe("mails: distil, because there are 120 calls with a teacher's answer.\n");
    expect(await store.students.list()).toEqual([]);
    expect(await store.events.list()).toEqual([]);
  });

  it('is killed while it distils, and another one goes on from there', async () => {
    const killed = await runKolben(['watch', 'mails', '--once'], {
      cwd: folder.path,
      onStderr: (stderr, child) => {
        if (stderr.includes('Training')) child.kill('SIGKILL');
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    const [seen] = await store.runs.list();
    expect(seen).toMatchObject({ task: 'mails', source: 'calls', settings: { by: 'watch' } });
    expect(await store.students.list()).toEqual([]);
    const [begun] = await store.events.list();
    expect(begun).toMatchObject({ what: 'distill_begun' });
    // Calls that came in meanwhile belong to the next dataset.
    await record(120, 130);

    const done = await watch('--once');
    expect(done).toMatchObject({
      steps: [
        { step: 'distil', why: 'a distillation was interrupted' },
        { step: 'route shadow', why: expect.stringMatching(/^its student is certified for/) },
      ],
      waits: { mails: 'its student is to answer 20 more calls in the shadow' },
    });
    const [trained] = await store.events.list({ what: ['student_trained'] });
    expect(trained!.detail.dataset).toMatchObject({ asOf: begun!.detail.asOf, parent: null, n: 120 });
    expect(await route()).toBe('shadow');
    expect(await watch('--once')).toMatchObject({ steps: [] });
    // Of two processes, one run.
    expect(await store.runs.list()).toMatchObject([
      { id: seen!.id, state: 'done', end: { student: { id: trained!.student } } },
    ]);
    expect((await store.runs.points(seen!.id)).length).toBeGreaterThan(1);
  });

  it('leads from the shadow to daily work, and back by hand, where it stays', async () => {
    const student = (await store.students.current('mails'))!;
    const word = { id: student.id, answer: 'billing', confidence: 0.99, certified: true };
    await record(130, 150, { route: 'shadow', student: word, agreed: true });
    expect(await watch('--once')).toMatchObject({
      steps: [
        { step: 'route cascade', why: 'in the shadow it disagreed in 0 of 20 calls that it was sure of' },
      ],
    });
    expect(await route()).toBe('cascade');
    expect(await canUndo()).toBe(true);
    expect(await watch('--undo')).toMatchObject({ done: expect.stringContaining('is shadow again') });
    expect(await route()).toBe('shadow');
    expect(await watch('--once')).toMatchObject({ steps: [] });
    expect(await watch('--undo')).toMatchObject({ done: expect.stringContaining('is teacher again') });
    expect(await route()).toBeUndefined();
    expect(await watch('--once')).toMatchObject({ steps: [] });
    expect(await canUndo()).toBe(false);
    const nothing = await plainly('watch', 'mails', '--undo');
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('can be taken back') });
    // An operator's word stands above what was undone.
    await kolben('route', 'mails', 'shadow');
    expect(await watch('--once')).toMatchObject({ steps: [{ step: 'route cascade' }] });
  });

  it('trains the next student of new calls, which takes the place only if it is better', async () => {
    const before = (await store.students.current('mails'))!;
    await record(150, 180, { route: 'cascade', drawn: 'escalated' });
    await record(180, 195, { route: 'cascade', audited: true });
    // The student alone: nothing to learn from.
    await record(195, 225, { route: 'cascade', answeredBy: 'student', provider: null, model: null });
    // Somebody stops it, and goes on with it by hand.
    const stopping = vi.waitUntil(async () => {
      const run = (await store.runs.list()).find(({ state }) => state === 'running');
      return run && (await store.runs.wantStop(run.id)) && run.id;
    }, soon);
    const { steps } = (await watch('--once')) as { steps: { step: string; done: string }[] };
    expect(steps.map(({ step }) => step)).toEqual(['distil']);
    const run = (await stopping) as string;
    expect(await store.runs.get(run)).toMatchObject({ state: 'stopped', settings: { by: 'watch' } });
    expect(steps[0]!.done).toContain(`kolben runs resume ${run}`);
    expect(await watch('--once')).toMatchObject({ steps: [] });
    const { stdout: done } = await plainly('runs', 'resume', run);
    const [trained] = await store.events.list({ what: ['student_trained'], limit: 1 });
    const [first] = (await store.events.list({ what: ['student_trained'] })).slice(-1);
    const { dataset, coverage, incumbent, promoted } = trained!.detail as {
      dataset: { parent: string; n: number };
      coverage: number | null;
      incumbent: { student: string; coverage: number | null };
      promoted: boolean;
    };
    expect(dataset.parent).toBe((first!.detail.dataset as { digest: string }).digest);
    expect(dataset.n).toBeGreaterThan(120);
    expect(dataset.n).toBeLessThanOrEqual(195);
    expect(incumbent.student).toBe(before.id);
    expect(promoted).toBe(coverage !== null && coverage > (incumbent.coverage ?? -1));
    const now = (await store.students.current('mails'))!;
    expect(now.id).toBe(promoted ? trained!.student : before.id);
    expect(done).toContain(promoted ? 'Registered as the student' : 'the student in service stays');

    // By hand either way.
    const other = promoted ? before.id : trained!.student!;
    expect(await kolben('students', 'promote', other)).toMatchObject({
      before: now.id,
      student: { id: other },
    });
    expect(await kolben('students', 'rollback', 'mails')).toMatchObject({ from: other, to: now.id });
    const trail = (await store.auditTrail({ limit: 2 })).map(({ act, subject }) => [act, subject]);
    expect(trail).toEqual([
      ['student.roll_back', other],
      ['student.promote', other],
    ]);
  });

  it('tells how the student stands, and takes a withdrawn one out of the way', async () => {
    const student = (await store.students.current('mails'))!;
    const { alpha } = student.certificate as { alpha: number };
    const ids: string[] = [];
    for (const { text } of texts.slice(230, 250))
      ids.push(
        await store.calls.record({
          ...makeCall(text, 'billing'),
          ...{
            at: new Date(),
            route: 'cascade',
            answeredBy: 'student',
            provider: null,
            model: null,
            audited: true,
          },
          student: { id: student.id, answer: 'billing', confidence: 0.99, certified: true },
        }),
      );
    const { advance } = await import('@kolben/gateway');
    for (const callId of ids)
      await store.watches.record(
        {
          ...{ callId, task: 'mails', student, agreed: false, provider: 'openai', model: 'gpt-4.1-mini' },
          ...{
            response: makeCall('', 'product').response,
            promptTokens: 1,
            completionTokens: 1,
            cost: 0.001,
          },
        },
        (state, agreed) => advance(state, agreed, { alpha, delta: 0.01 }),
      );
    const { tasks } = (await watch('--status')) as { tasks: Record<string, unknown>[] };
    expect(tasks[0]).toMatchObject({
      state: { student: { withdrawn: true } },
      next: { kind: 'route', to: 'teacher' },
      standing: {
        withdrawn: expect.any(String),
        risk: { audits: 20, disagreements: 20, threshold: 100, alpha, delta: 0.01 },
      },
    });
    const shown = await plainly('route', 'mails');
    expect(shown.stdout).toContain('20 answers compared, 20 disagreements; wealth');
    expect(shown.stdout).toContain('student billing, teacher product');
    const happened = await plainly('events', 'mails');
    expect(happened.stdout).toMatch(/student withdrawn\s+student_.*audits \d+, disagreements \d+, wealth/);

    expect(await watch('--once')).toMatchObject({ steps: [{ step: 'route teacher' }] });
    // Re-entry is an operator's act, and begins anew.
    const readmitted = await kolben('route', 'mails', 'cascade');
    expect(readmitted).toMatchObject({ readmitted: student.id });
    expect(await store.watches.withdrawn('mails')).toEqual(new Set());

    // The same of a student that the configuration names by its folder.
    const pinned = join(folder.path, 'pinned.config.ts');
    writeFileSync(
      pinned,
      readFileSync(join(folder.path, 'kolben.config.ts'), 'utf8').replace(
        '"kind":',
        `"student":${JSON.stringify(student.directory)},"kind":`,
      ),
    );
    const id = await store.calls.record({ ...makeCall('once more', 'billing'), at: new Date() });
    await store.watches.record(
      {
        ...{ callId: id, task: 'mails', agreed: false, provider: 'openai', model: 'gpt-4.1-mini' },
        ...{ student: { id: student.digest, digest: student.digest }, response: null },
        ...{ promptTokens: 1, completionTokens: 1, cost: 0 },
      },
      () => ({ state: advance(null, false, { alpha, delta: 0.01 }).state, rung: true, figures: {} }),
    );
    const { stdout, code, stderr } = await callKolben([
      ...['route', 'mails', 'cascade', '--config', pinned, '--json'],
    ]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ readmitted: student.digest });
    const waiting = await callKolben(['watch', 'mails', '--dry-run', '--config', pinned]);
    expect(waiting.stdout).toContain('the configuration names its student');
  });

  it('says what it can’t do', async () => {
    const said = async (...args: string[]) => (await plainly('watch', ...args)).stderr;
    expect(await said()).toContain('needs a task, or --all');
    expect(await said('nails')).toContain("There is no task 'nails'");
    expect(await said('mails', '--undo', '--status')).toContain("don't go together");
  });
});
