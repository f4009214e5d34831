/**
 * How the console's table of calls does with very many of them: `npm run bench -- console`.
 *
 * Two gateways with their consoles, one store with 1,000 calls and one with 100,000, recorded as always; in the system's
 * Chromium each of both is opened, brought to its end and filtered, by turns.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consolePages } from '@kolben/console';
import { KolbenError } from '@kolben/engine';
import { parseConfig, startGateway } from '@kolben/gateway';
import { openStore, type Store } from '@kolben/store';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Bench, BenchContext } from './bench.ts';
import { type Spread, spreadOf } from './training/statistics.ts';

const rounds = 7;
const sizes = [1_000, 100_000] as const;
const recordedAtOnce = 2_000;
/** Of the calls, every so manieth failed. */
const failedEach = 100;

const measures = ['firstRowsMs', 'endMs', 'filterMs', 'heapMegabytes'] as const;
type Measures = Record<(typeof measures)[number], number>;

interface ConsoleResult {
  rounds: number;
  sizes: { calls: number; figures: Record<keyof Measures, Spread> }[];
  /** The most calls beside the fewest, in the same round. */
  ratio: Record<keyof Measures, Spread>;
}

export const consoleCalls: Bench = {
  name: 'console',
  about: 'the console with 100,000 recorded calls beside 1,000: first rows, the end, a filter, memory',
  async run(context) {
    const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
    if (executablePath === undefined)
      throw new KolbenError('bench_chromium', 'This bench needs a Chromium in /usr/bin: install one.');
    const folder = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    const places: { calls: number; place: Place; taken: Measures[] }[] = [];
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
      for (const calls of sizes)
        places.push({
          calls,
          place: await open(join(folder, `${calls}`), calls, browser, context),
          taken: [],
        });
      for (let round = 0; round <= rounds; round++) {
        context.progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
        for (const { calls, place, taken } of places) {
          context.signal.throwIfAborted();
          const figures = await look(place, calls);
          if (round > 0) taken.push(figures);
        }
      }
      const each = (of: (measure: keyof Measures) => Spread) =>
        Object.fromEntries(measures.map((measure) => [measure, of(measure)])) as Record<
          keyof Measures,
          Spread
        >;
      const [few, many] = [places[0]!.taken, places.at(-1)!.taken];
      return {
        rounds,
        sizes: places.map(({ calls, taken }) => ({
          calls,
          figures: each((measure) => spreadOf(taken.map((one) => one[measure]))),
        })),
        ratio: each((measure) => spreadOf(many.map((one, i) => one[measure] / few[i]![measure]))),
      } satisfies ConsoleResult;
    } finally {
      await browser?.close();
      for (const { place } of places) await place.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { rounds: all, sizes: both, ratio } = result as ConsoleResult;
    const cells = (calls: string, figures: Record<keyof Measures, Spread>, digits: number) =>
      [
        calls.padStart(10),
        ...measures.map((name) => {
          const { median, lowerQuartile, upperQuartile } = figures[name];
          const [middle, low, high] = [median, lowerQuartile, upperQuartile].map((n) => n.toFixed(digits));
          return `${middle} (${low} to ${high})`.padStart(24);
        }),
      ].join('');
    const heads = ['first rows, ms', 'the end, ms', 'a filter, ms', 'memory, MB'];
    return [
      `${all} rounds, by turns.`,
      ['calls'.padStart(10), ...heads.map((head) => head.padStart(24))].join(''),
      ...both.map(({ calls, figures }) => cells(calls.toLocaleString('en'), figures, 0)),
      cells('ratio', ratio, 2),
    ].join('\n');
  },
};

interface Place {
  url: string;
  page: Page;
  close(): Promise<void>;
}

/** A store of so many calls, the gateway and console before it, and a page that is signed in. */
async function open(
  directory: string,
  calls: number,
  browser: Browser,
  context: BenchContext,
): Promise<Place> {
  const store = await openStore({ directory });
  await record(store, calls, context);
  const config = parseConfig({
    dataDirectory: directory,
    providers: {
      mock: {
        baseUrl: 'http://127.0.0.1:9/v1',
        prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
      },
    },
    tasks: { mail: { kind: 'classify', teacher: 'mock/big-1' } },
  });
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const gateway = await startGateway({
    ...{ config, store, port: 0, environment: {}, log: silent },
    pages: (inside) => consolePages({ store, config, inside }),
  });
  const { secret } = await store.keys.create({ name: 'bench', scope: 'admin' });
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${gateway.url}/console/calls`);
  await page.locator('input[autocomplete=current-password]').fill(secret);
  await page.locator('button[type=submit]').click();
  await page.locator('nav').first().waitFor({ state: 'attached' });
  return {
    ...{ url: gateway.url, page },
    close: async () => {
      await gateway.close();
      await store.close();
    },
  };
}

async function record(store: Store, calls: number, { progress, signal }: BenchContext): Promise<void> {
  const now = Date.now();
  for (let from = 0; from < calls; from += recordedAtOnce) {
    signal.throwIfAborted();
    progress(`recording ${calls.toLocaleString('en')} calls: ${from.toLocaleString('en')}`);
    const count = Math.min(recordedAtOnce, calls - from);
    await Promise.all(Array.from({ length: count }, (_, i) => store.calls.record(nth(from + i, now))));
  }
}

function nth(n: number, now: number): Parameters<Store['calls']['record']>[0] {
  const content = n % 2 === 0 ? 'ham' : 'spam';
  const hasFailed = n % failedEach === failedEach - 1;
  return {
    ...{ at: new Date(now - 60_000 * n), task: 'mail', keyId: null, route: 'teacher', answeredBy: 'teacher' },
    ...{ provider: 'mock', model: 'big-1', latencyMs: 812, cost: 0.001, teacherCost: 0.001, streamed: false },
    request: {
      messages: [{ role: 'user', content: `Where is my parcel? It is the ${n}th time that I ask.` }],
    },
    response: hasFailed ? null : { choices: [{ message: { role: 'assistant', content } }] },
    ...(hasFailed
      ? { status: 'error', error: { code: 'provider_too_slow', message: 'It was late.' } }
      : { status: 'ok' }),
    usage: { promptTokens: 100, completionTokens: 2, estimated: false },
  };
}

async function look({ url, page }: Place, calls: number): Promise<Measures> {
  const row = (place: number) =>
    page.locator(`[role=grid] [aria-rowindex="${place + 2}"]:not([aria-busy])`).waitFor();
  const timed = async (act: () => Promise<unknown>, place: number) => {
    const begun = performance.now();
    await act();
    await row(place);
    return performance.now() - begun;
  };
  const firstRowsMs = await timed(() => page.goto(`${url}/console/calls`), 0);
  await page.getByText(`${calls.toLocaleString('en')} calls`).waitFor();
  await page.getByRole('grid').focus();
  const endMs = await timed(() => page.keyboard.press('End'), calls - 1);
  const heapMegabytes = await heapOf(page);
  const failed = `${(calls / failedEach).toLocaleString('en')} calls`;
  const filterMs = await timed(async () => {
    await page.getByLabel('Outcome').selectOption('error');
    await page.getByText(failed, { exact: true }).waitFor();
  }, 0);
  return { firstRowsMs, endMs, filterMs, heapMegabytes };
}

/** What lives in the page once the rubbish is gone. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session
    .send('Performance.enable')
    .then(() => session.send('Performance.getMetrics'));
  await session.detach();
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6;
}
