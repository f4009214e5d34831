// A student folder in @huggingface/transformers in a page of a real browser, which loads nothing from elsewhere.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersOf, students } from './made.ts';
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

test.skipIf(absent)(
  'in a page, a text-classification pipeline gives the answers that Kolben gives',
  async () => {
    const wanted = answersOf('classifier');
    const page = await browser.newPage();
    await page.goto(`${server.address}/`);
    // As text, since Vitest rewrites the imports that it sees.
    await page.addScriptTag({
      type: 'module',
      content: `import * as student from '/page/classify.js'; window.student = student;`,
    });
    await page.waitForFunction('window.student');
    const asked = JSON.stringify(wanted.map(({ text }) => text));
    const got: { label: string; score: number }[] = await page.evaluate(
      `student.classify('classifier', ${asked})`,
    );
    expect(
      got.map(({ label, score }, i) => ({ text: wanted[i].text, answer: label, confidence: score })),
    ).toEqual(wanted.map((one) => ({ ...one, confidence: expect.closeTo(one.confidence, 4) })));
    expect(elsewhere).toEqual([]);
  },
);
