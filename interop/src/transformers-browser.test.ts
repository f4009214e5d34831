// A student folder in @huggingface/transformers in a page of a real browser, which loads nothing from elsewhere.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersOf, students, tagsOf } from './made.ts';
import { type FileServer, serveFolders } from './testing/file-server.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
const absent = executablePath === undefined && !process.env.KOLBEN_TEST_REQUIRE;

let server: FileServer;
let browser: BrowserContext;
let profile: string;
const elsewhere: string[] = [];

beforeAll(async () => {
  if (absent) return;
  if (executablePath === undefined)
    throw new Error('There is no Chromium; install it (apt-get install chromium).');
  server = await serveFolders({
    students,
    page: fileURLToPath(new URL('../page', import.meta.url)),
    packages: fileURLToPath(new URL('../node_modules', import.meta.url)),
  });
  profile = await mkdtemp(join(tmpdir(), 'kolben-browser-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.address) && !url.startsWith('blob:')) elsewhere.push(url);
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (profile) await rm(profile, { recursive: true, force: true });
});

/** A page in which the student module has been loaded. */
async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${server.address}/`);
  // As text, since Vitest rewrites the imports that it sees.
  await page.addScriptTag({
    type: 'module',
    content: `import * as student from '/page/classify.js'; window.student = student;`,
  });
  await page.waitForFunction('window.student');
  return page;
}

describe.skipIf(absent)('in a page', () => {
  test.each([
    { student: 'classifier', dtype: 'fp32', answers: 'classifier' },
    { student: 'classifier', dtype: 'q8', answers: 'classifier-quantised' },
    { student: 'encoder', dtype: 'fp32', answers: 'encoder' },
  ])('a text-classification pipeline gives the answers of $answers', async ({ student, dtype, answers }) => {
    const wanted = answersOf(answers);
    const page = await openPage();
    const asked = JSON.stringify(wanted.map(({ text }) => text));
    const got: { label: string; score: number }[] = await page.evaluate(
      `student.classify('${student}', '${dtype}', ${asked})`,
    );
    expect(
      got.map(({ label, score }, i) => ({ text: wanted[i].text, answer: label, confidence: score })),
    ).toEqual(wanted.map((one) => ({ ...one, confidence: expect.closeTo(one.confidence, 4) })));
    await page.close();
    expect(elsewhere).toEqual([]);
  });

  test('the model of a student that extracts says what it says in Kolben', async () => {
    const wanted = tagsOf('tagger');
    const page = await openPage();
    const asked = JSON.stringify(wanted.map(({ text }) => text));
    const got: { tags: number[]; choices: number[] }[] = await page.evaluate(
      `student.tag('tagger', ${asked})`,
    );
    for (const [i, { text, ...numbers }] of wanted.entries())
      for (const name of ['tags', 'choices'] as const) {
        expect(got[i][name].length).toBe(numbers[name].length);
        const furthest = numbers[name].reduce(
          (most, x, j) => Math.max(most, Math.abs(x - got[i][name][j])),
          0,
        );
        expect(furthest, text).toBeLessThan(1e-3);
      }
    await page.close();
    expect(elsewhere).toEqual([]);
  });
});
