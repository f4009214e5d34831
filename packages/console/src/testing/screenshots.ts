/**
 * The pictures of README and docs, taken of a real `kolben up`: real calls of a teacher over HTTP, a student trained from
 * them, disagreements as they come. `npm run screenshots` writes docs/images/console-*.png.
 *
 * The teacher is a local server that answers by the words of a text, after the time that a language model takes; what the
 * pictures show of money is reckoned from the prices that stand in the configuration of `kolbenUp`.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { kolbenUp } from './kolben-up.ts';
import { mailText } from './mail-calls.ts';

const locales = { en: 'en-GB', de: 'de-AT' } as const;

const out = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
const executablePath = '/usr/bin/chromium';
/** Of a teacher: milliseconds. */
const thinks = () => 150 + 200 * Math.random();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += String(piece);
  const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
  const text = messages.at(-1)!.content;
  const { label } = mailText(Number(/(\d+)$/.exec(text)?.[1] ?? 0));
  const other = label === 'billing' ? 'delivery' : 'billing';
  // Teachers err too: of mails that speak of neither, this one says the other.
  const content = text.startsWith('odd ') ? other : label;
  await pause(thinks());
  response.setHeader('content-type', 'application/json');
  const usage = { prompt_tokens: 60 + text.length / 4, completion_tokens: 2 };
  const rounded = { prompt_tokens: Math.round(usage.prompt_tokens), completion_tokens: 2 };
  response.end(
    JSON.stringify({
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: Math.floor(Date.now() / 1000), model },
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { ...rounded, total_tokens: rounded.prompt_tokens + rounded.completion_tokens },
    }),
  );
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address() as AddressInfo;

const up = await kolbenUp(`http://127.0.0.1:${port}/v1`, { audit: 0.2, budget: { usdPerMonth: 5 } });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await mkdir(out, { recursive: true });
  process.stderr.write('Calls of the teacher …\n');
  await askAll(Array.from({ length: 600 }, (_, i) => mailText(i).text));
  process.stderr.write('A student …\n');
  const trained = up.begin('distill', '--task', 'mail', '--alpha', '0.05');
  await pause(9_000);
  await shoot('/runs', 'run', 'en', async (page) => {
    await page.getByRole('table').getByRole('link').first().click();
    await page.locator('svg.k-chart').first().waitFor();
    await pause(2_000);
  });
  await trained.ended;
  await up.kolben('route', 'mail', 'cascade');
  await pause(1_000);
  process.stderr.write('Calls of the cascade …\n');
  // Teachers err now and then, and never in a row: a student that differs from them so often keeps its promise.
  await askAll(
    Array.from({ length: 640 }, (_, i) => `${i % 40 === 20 ? 'odd ' : ''}${mailText(5_000 + i).text}`),
  );
  await pause(2_000);
  await shoot('/', 'overview', 'de');
  await shoot('/tasks/mail', 'task', 'de');
  await shoot('/economics', 'economics', 'de');
  await shoot('/providers', 'providers', 'de');
} finally {
  await browser.close();
  await up.stop();
  server.closeAllConnections();
  server.close();
}

async function askAll(texts: readonly string[]): Promise<void> {
  const queue = texts.values();
  const worker = async () => {
    for (const text of queue) await (await up.ask(text)).text();
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function shoot(
  path: string,
  name: string,
  language: keyof typeof locales,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  const context = await browser.newContext({
    ...{ locale: locales[language], timezoneId: 'Europe/Vienna', viewport: { width: 1280, height: 860 } },
    ...{ deviceScaleFactor: 1, reducedMotion: 'reduce' as const },
  });
  const page = await context.newPage();
  await page.goto(`${up.url}/console${path}`);
  await page.locator('input[autocomplete=current-password]').fill(up.admin.secret);
  await page.locator('button[type=submit]').click();
  await page.locator('nav').first().waitFor({ state: 'attached' });
  await page.locator('h1').first().waitFor();
  await pause(1_500);
  await prepare(page);
  const file = `console-${name}-${language}.png`;
  await page.screenshot({ path: join(out, file) });
  await context.close();
  process.stderr.write(`${file}\n`);
}
