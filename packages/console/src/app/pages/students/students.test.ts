import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gguf } from '@huggingface/gguf';
import { distill, readStudentFolder } from '@kolben/distill';
import { startChip } from '@kolben/engine';
import { openStore, type Store } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest, type TestConsole } from '../../../testing/console-in-test.ts';
import { dayOf, mailCall, mailText, recordMails } from '../../../testing/mail-calls.ts';
import { storedZip } from '../../../testing/stored-zip.ts';

let folder: string;
let first: { directory: string; digest: string };
let second: { directory: string; digest: string };
/** One that writes. */
let writer: { directory: string; digest: string };
const hostile = '<script>alert(1)</script> invoice \u202Egnp refund';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-students-'));
  const store = await openStore({ directory: join(folder, 'store') });
  await recordMails(store, 0, 200, dayOf(1));
  const common = { task: 'mail', chips: 1, alpha: 0.2, source: 'the recorded calls of mail' };
  const make = async (name: string, options: object) => {
    const out = join(folder, name);
    await distill({
      examples: store.calls.examples('mail'),
      ...common,
      out,
      asOf: dayOf(2),
      teachers: ['mock/big-1'],
      ...options,
    });
    return { directory: out, digest: (await readStudentFolder(out)).digest };
  };
  first = await make('first', {});
  // Hardly trained, so that the two part.
  second = await make('second', { seed: 1, timeBudget: 1e-3, parent: first.digest });
  const notes = Array.from({ length: 120 }, (_, i) => {
    const { text, label } = mailText(i);
    return { messages: [{ role: 'user', content: text }], answer: `about ${label}`, extra: {} };
  });
  writer = await make('writer', { examples: notes, task: 'note', kind: 'generate', timeBudget: 1e-3 });
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ids = { first: '', second: '' };

/** Both registered, the second in service; the calls they learned from, and such as neither has seen. */
async function prepare(store: Store): Promise<void> {
  await recordMails(store, 0, 200, dayOf(1));
  await recordMails(store, 300, 360, dayOf(5));
  await store.calls.record(mailCall(hostile, 'delivery', dayOf(6)));
  for (const [name, student] of [
    ['first', first],
    ['second', second],
  ] as const) {
    const { certificate } = await readStudentFolder(student.directory);
    ids[name] = (await store.students.register({ task: 'mail', ...student, certificate })).id;
  }
}

const providers = (url = 'http://127.0.0.1:9/v1') => ({
  mock: {
    baseUrl: url,
    apiKeyEnv: 'MOCK_KEY',
    prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
    terms: {
      distillation: { internal: 'allowed', distributed: 'forbidden' } as const,
      clause: 'You shall not give away what our answers have trained.',
    },
  },
});
const started = () => consoleInTest({ prepare, config: { providers: providers() } });

async function told(of: TestConsole, path: string, body?: object): Promise<{ status: number; said: never }> {
  const response = await of.send(`/api/students${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, said: (await response.json()) as never };
}
const acts = async (of: TestConsole) =>
  (await of.store.auditTrail())
    .filter(({ act }) => act.startsWith('student.'))
    .map(({ act, actor, subject }) => [act, actor === of.admin.id, subject])
    .reverse();

/** Its alarm has rung. */
async function withdraw({ store }: TestConsole, student: { id: string; digest: string }): Promise<void> {
  const word = { id: student.id, answer: 'billing', confidence: 0.9, certified: true };
  const callId = await store.calls.record({
    ...mailCall('withdrawn by this', 'delivery', dayOf(7)),
    ...{ route: 'cascade', answeredBy: 'student', student: word, audited: true },
  });
  await store.watches.record(
    {
      ...{ callId, task: 'mail', student, agreed: false, provider: 'mock', model: 'big-1' },
      ...{ response: null, promptTokens: 0, completionTokens: 0, cost: 0 },
    },
    () => ({ state: {}, rung: true, figures: {} }),
  );
}

describe('the API of students', () => {
  it('tells families with their places, and one student with everything that its folder says', async () => {
    const of = await started();
    expect((await told(of, '')).status).toBe(401);
    await of.signIn();
    const list = await told(of, '');
    expect(list.said).toMatchObject({
      trees: [{ digest: first.digest, task: 'mail', children: [{ digest: second.digest, missing: null }] }],
    });
    expect((list.said as { places: object[] }).places).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: ids.first, current: false, withdrawnAt: null }),
        expect.objectContaining({ id: ids.second, current: true, pinned: false }),
      ]),
    );
    const one = await told(of, `/${ids.first}`);
    const folderSays = await readStudentFolder(first.directory);
    expect(one.said).toMatchObject({
      digest: first.digest,
      missing: null,
      measured: null,
      facts: {
        kind: 'classify',
        labels: ['billing', 'delivery'],
        certificate: folderSays.certificate,
        lineage: { teachers: ['mock/big-1'], dataset: { digest: folderSays.lineage.dataset.digest } },
      },
    });
    const { files } = one.said as { files: { name: string; bytes: number }[] };
    const weights = files.find(({ name }) => name === 'model.safetensors')!;
    expect(weights.bytes).toBe(folderSays.files.get('model.safetensors')!.length);
    expect((await told(of, `/${ids.first}/card`)).said).toMatchObject({
      card: expect.stringContaining('## Terms of the teachers'),
    });
    expect(await told(of, '/student_none')).toMatchObject({
      status: 404,
      said: { error: { code: 'student_unknown' } },
    });
  });

  it('says of a student whose folder is gone that it is', async () => {
    const of = await started();
    await of.signIn();
    const lost = await of.store.students.register({
      ...{ task: 'mail', directory: join(folder, 'nowhere'), digest: `sha256:${'0'.repeat(64)}` },
      certificate: null,
    });
    expect((await told(of, `/${lost.id}`)).said).toMatchObject({
      facts: null,
      missing: expect.stringContaining('there is no such folder'),
    });
    expect(JSON.stringify((await told(of, '')).said)).toContain('its folder cannot be read');
  });

  it('knows a student that the configuration names, which goes before what is registered', async () => {
    const task = { kind: 'classify', teacher: 'mock/big-1', audit: 0, student: first.directory } as const;
    const of = await consoleInTest({ prepare, config: { providers: providers(), tasks: { mail: task } } });
    await of.signIn();
    const { places } = (await told(of, '')).said as {
      places: { id: string; current: boolean; pinned: boolean }[];
    };
    expect(places.map(({ id, current, pinned }) => [id, current, pinned])).toEqual(
      expect.arrayContaining([
        [first.digest, true, true],
        [ids.first, false, false],
        [ids.second, false, false],
      ]),
    );
    const one = await told(of, `/${encodeURIComponent(first.digest)}`);
    expect(one.said).toMatchObject({ pinned: true, missing: null, registeredAt: null });
  });

  it('measures on calls that it did not learn from, and keeps what it found', async () => {
    const of = await started();
    await of.signIn();
    const { said, status } = await told(of, `/${ids.first}/measure`, {});
    expect(status).toBe(200);
    // No call is marked with its split here, so that only later ones count.
    expect(said).toMatchObject({ later: 61, test: 0, report: { n: 61 } });
    const { report } = said as { report: { agreement: number; details: { surest: { text: string }[] } } };
    expect(report.agreement).toBeGreaterThan(0.9);
    expect(report.details.surest.map(({ text }) => text)).toContain(hostile);
    expect((await told(of, `/${ids.first}`)).said).toMatchObject({ measured: said });
  });

  it('explains a text, with what it learned from that is like it', async () => {
    const of = await started();
    await of.signIn();
    const { said } = await told(of, `/${ids.first}/explain`, {
      text: 'my invoice and refund',
      neighbours: true,
    });
    const { answer, words, value, baseline, neighbours } = said as {
      answer: string;
      value: number;
      baseline: number;
      words: { contribution: number }[];
      neighbours: { examples: { text: string }[] };
    };
    expect(answer).toBe('billing');
    expect(words.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(value - baseline, 4);
    const learned = new Set(Array.from({ length: 200 }, (_, i) => mailText(i).text));
    expect(neighbours.examples.length).toBe(5);
    for (const { text } of neighbours.examples) expect(learned.has(text)).toBe(true);
    expect(await told(of, `/${ids.first}/explain`, { text: '  ', neighbours: false })).toMatchObject({
      status: 422,
      said: { error: { code: 'explain_empty' } },
    });
  });

  it('compares two of one task on the same calls', async () => {
    const of = await started();
    await of.signIn();
    const { said } = await told(of, '/compare', { one: ids.first, other: ids.second });
    expect(said).toMatchObject({ later: 61, comparison: { n: 61 } });
    const { comparison } = said as {
      comparison: {
        one: { agreement: number };
        other: { agreement: number };
        counts: Record<string, number>;
      };
    };
    expect(comparison.one.agreement).toBeGreaterThan(comparison.other.agreement);
    expect(Object.values(comparison.counts).reduce((a, b) => a + b)).toBe(61);
    const { id } = await of.store.students.register({ ...{ task: 'other', ...first }, certificate: null });
    expect(await told(of, '/compare', { one: ids.first, other: id })).toMatchObject({
      status: 422,
      said: { error: { code: 'students_of_two_tasks' } },
    });
  });

  it('says what is missing where there is nothing to measure on', async () => {
    const of = await consoleInTest({
      prepare: async (store) => {
        await recordMails(store, 0, 200, dayOf(1));
        const { id } = await store.students.register({ ...{ task: 'mail', ...first }, certificate: null });
        ids.first = id;
      },
    });
    await of.signIn();
    expect(await told(of, `/${ids.first}/measure`, {})).toMatchObject({
      status: 422,
      said: { error: { code: 'unseen_missing' } },
    });
  });

  it('promotes, rolls back and readmits, each in the audit log with who did it', async () => {
    const of = await started();
    await of.signIn();
    const current = async () => (await of.store.students.current('mail'))?.id;
    expect((await told(of, `/${ids.first}/promote`, {})).said).toEqual({ id: ids.first, before: ids.second });
    expect(await current()).toBe(ids.first);
    expect((await told(of, '/roll-back', { task: 'mail' })).said).toEqual({
      from: ids.first,
      to: ids.second,
    });
    expect(await current()).toBe(ids.second);
    expect((await told(of, `/${ids.second}/readmit`, {})).said).toEqual({ readmitted: false });
    await withdraw(of, { id: ids.second, digest: second.digest });
    expect((await told(of, `/${ids.second}`)).said).toMatchObject({ withdrawnAt: expect.any(String) });
    expect((await told(of, `/${ids.second}/readmit`, {})).said).toEqual({ readmitted: true });
    expect((await told(of, `/${ids.second}`)).said).toMatchObject({ withdrawnAt: null });
    expect(await acts(of)).toEqual([
      ['student.promote', true, ids.first],
      ['student.roll_back', true, ids.first],
      ['student.readmit', true, ids.second],
    ]);
    // One that is withdrawn doesn't come back by the way.
    await withdraw(of, { id: ids.first, digest: first.digest });
    for (const name of ['first', 'second'] as const) await of.store.students.promote(ids[name]);
    expect((await told(of, `/${ids.second}`)).said).toMatchObject({
      before: { digest: first.digest, withdrawnAt: expect.any(String) },
    });
    expect(await told(of, '/roll-back', { task: 'mail' })).toMatchObject({
      status: 422,
      said: { error: { code: 'roll_back_withdrawn', message: expect.stringContaining(ids.first) } },
    });
    expect((await told(of, '/student_none/promote', {})).status).toBe(422);
    // Without the session's token nothing is done.
    const { cookie } = of.session;
    const forged = await fetch(`${of.url}/console/api/students/${ids.first}/promote`, {
      method: 'POST',
      headers: { origin: of.url, cookie },
    });
    expect(forged.status).toBe(403);
    expect(await current()).toBe(ids.second);
  });

  it('exports after asking the terms, once, to who asked, and leaves nothing behind', async () => {
    const of = await started();
    await of.signIn();
    const wish = { to: 'hf', distribution: 'internal' };
    expect(await told(of, `/${ids.first}/export`, { ...wish, distribution: 'distributed' })).toMatchObject({
      status: 422,
      said: {
        error: { code: 'terms_forbidden', message: expect.stringContaining('You shall not give away') },
      },
    });
    const { said } = await told(of, `/${ids.first}/export`, wish);
    const { token, name } = said as { token: string; name: string };
    expect(name).toBe(`mail-${first.digest.slice(7, 19)}.zip`);
    // Another administrator's session doesn't get it.
    const mine = { ...of.session };
    await of.signIn((await of.store.keys.create({ name: 'bert', scope: 'admin' })).secret);
    expect((await of.send(`/api/students/exports/${token}`)).status).toBe(404);
    Object.assign(of.session, mine);
    const response = await of.send(`/api/students/exports/${token}`);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    const out = join(folder, 'unpacked');
    for (const [path, bytes] of storedZip(Buffer.from(await response.arrayBuffer()))) {
      await mkdir(dirname(join(out, path)), { recursive: true });
      writeFileSync(join(out, path), bytes);
    }
    const [top] = readdirSync(out);
    expect((await readStudentFolder(join(out, top!))).digest).toBe(first.digest);
    expect((await of.send(`/api/students/exports/${token}`)).status).toBe(404);

    const onnx = (await told(of, `/${ids.first}/export`, { ...wish, to: 'onnx' })).said as { token: string };
    const model = Buffer.from(await (await of.send(`/api/students/exports/${onnx.token}`)).arrayBuffer());
    expect(model.equals(readFileSync(join(first.directory, 'onnx', 'model.onnx')))).toBe(true);
    expect((await told(of, `/${ids.first}/export`, { ...wish, to: 'gguf' })).status).toBe(422);
    await expect
      .poll(() => readdirSync(join(of.store.directory, 'exports')), { timeout: 60_000 })
      .toEqual([]);
    expect(await acts(of)).toEqual([
      ['student.export_refused', true, ids.first],
      ['student.export', true, ids.first],
      ['student.export', true, ids.first],
    ]);
  });
});

describe.skipIf(withoutChromium)('the page of students', () => {
  it('teaches the next step where there is no student', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { path: '/students' });
    await page.getByText('There are no students yet').waitFor();
    await expectGoodPage(page);
  });

  it('leads from the family to one student: measured, explained, exported', async () => {
    const of = await started();
    const page = await openPage(of, { path: '/students' });
    await page.getByRole('heading', { name: 'Students of mail' }).waitFor();
    await expectGoodPage(page);
    await page.getByRole('link', { name: `Student ${first.digest.slice(7, 19)}` }).click();
    await page.getByRole('heading', { name: 'What is certified' }).waitFor();

    await page.getByRole('button', { name: 'Measure it now' }).click();
    await page.getByText('on 61 calls').waitFor();
    expect(await page.getByRole('group', { name: 'Disagreement by share answered' }).count()).toBe(1);
    // Whatever a call says is text, and what it hides is seen.
    await page.getByText('<script>alert(1)</script>').first().waitFor();

    await page.getByLabel('A text, as it would come in').fill('my invoice and refund');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('It says billing').waitFor();
    const invoice = page.locator('mark', { hasText: 'invoice' });
    const refund = page.locator('mark', { hasText: 'refund' });
    // Words stay in their line, and are seen to be marked.
    expect((await invoice.boundingBox())!.y).toBe((await refund.boundingBox())!.y);
    const colour = (mark: typeof invoice) => mark.evaluate((of) => getComputedStyle(of).backgroundColor);
    expect(await colour(invoice)).not.toBe('rgba(0, 0, 0, 0)');
    await page.getByRole('region', { name: 'What it learned from that is like it' }).waitFor();

    await page.getByRole('button', { name: 'Show the model card' }).click();
    await page.getByText('## Terms of the teachers').waitFor();
    await expectGoodPage(page);

    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Yes, do it' }).click();
    await dialog.getByText('You shall not give away').waitFor();
    await dialog.getByLabel('Stays in our own house').check();
    const coming = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Yes, do it' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^mail-[0-9a-f]{12}\.zip$/);
    expect(existsSync(await download.path())).toBe(true);
  });

  it('hands out models that other programs open: ONNX, and GGUF of a student that writes', async () => {
    let wrote = '';
    const of = await consoleInTest({
      config: { providers: providers() },
      prepare: async (store) => {
        await prepare(store);
        wrote = (await store.students.register({ task: 'note', ...writer, certificate: null })).id;
      },
    });
    const page = await openPage(of, { path: `/students/${ids.first}` });
    const exported = async (format: string) => {
      await page.getByRole('button', { name: 'Export' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(format).check();
      await dialog.getByLabel('Stays in our own house').check();
      const coming = page.waitForEvent('download');
      await dialog.getByRole('button', { name: 'Yes, do it' }).click();
      const download = await coming;
      return { name: download.suggestedFilename(), path: await download.path() };
    };
    const onnx = await exported('ONNX model');
    expect(onnx.name).toBe(`mail-${first.digest.slice(7, 19)}.onnx`);
    const chip = await startChip();
    onTestFinished(() => chip.close());
    const model = await chip.load(readFileSync(onnx.path));
    const bytes = [...Buffer.from('my invoice and refund')].map(BigInt);
    const { logits } = await model.run({
      input_ids: { dims: [1, bytes.length], data: BigInt64Array.from(bytes) },
    });
    const [billing, delivery] = logits!.data as Float32Array;
    expect(billing).toBeGreaterThan(delivery!);

    await page.goto(`${of.url}/console/students/${wrote}`);
    const file = await exported('GGUF for llama.cpp');
    expect(file.name).toBe(`note-${writer.digest.slice(7, 19)}.gguf`);
    const { metadata, tensorInfos } = await gguf(file.path, { allowLocalFile: true });
    expect(metadata['general.architecture']).toBe('llama');
    expect(tensorInfos.map(({ name }) => name)).toContain('token_embd.weight');
  });

  it('puts a student into service and takes it back, in German', async () => {
    const of = await started();
    const page = await openPage(of, { path: `/students/${ids.first}`, locale: 'de-DE' });
    await page.getByRole('button', { name: 'In Dienst nehmen' }).click();
    await expectGoodPage(page);
    await page.getByRole('button', { name: 'Ja, ausführen' }).click();
    // Who comes back is named, and where it was withdrawn, what that means is said before anything is done.
    await withdraw(of, { id: ids.second, digest: second.digest });
    await page.reload();
    const rollBack = page.getByRole('button', { name: 'Dem vorigen seinen Platz zurückgeben' });
    await rollBack.click();
    const name = `Schüler ${second.digest.slice(7, 19)}`;
    await page.getByText(`${name}, vor diesem für die Aufgabe mail im Dienst`).waitFor();
    await page
      .getByText('beantwortet der Lehrer jeden Aufruf, bis Sie ihn wieder antworten lassen')
      .waitFor();
    await expectGoodPage(page);
    expect((await of.store.students.current('mail'))?.id).toBe(ids.first);
    await page.getByRole('button', { name: 'Ja, ausführen' }).click();
    await page.getByText(`${name} hat für mail wieder den Platz.`).waitFor();
    await page.getByRole('button', { name: 'In Dienst nehmen' }).waitFor();
    expect((await of.store.students.current('mail'))?.id).toBe(ids.second);
    // And where there was none before, none is offered.
    await page.goto(`${of.url}/console/students/${ids.second}`);
    await page.getByRole('button', { name: 'Wieder antworten lassen' }).waitFor();
    expect(await rollBack.count()).toBe(0);
  });

  it('puts two side by side', async () => {
    const of = await started();
    const page = await openPage(of, { path: `/students/${ids.first}` });
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('On 61 recorded calls that neither learned from').waitFor();
    await page.getByText('Who agrees with the teacher').first().waitFor();
    await expectGoodPage(page);
  });
});
