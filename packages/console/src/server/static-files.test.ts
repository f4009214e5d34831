import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { consoleInTest } from '../testing/console-in-test.ts';

const built = fileURLToPath(new URL('../../dist/app/', import.meta.url));
const html = readFileSync(join(built, 'index.html'), 'utf8');
const assets = readdirSync(join(built, 'assets'));

test('the page is under a policy that lets it do nothing but its own', async () => {
  const of = await consoleInTest();
  const [first, second] = await Promise.all(['/', '/calls/x'].map((path) => of.send(path)));
  const page = await first!.text();
  const policy = first!.headers.get('content-security-policy')!;
  const nonce = /'nonce-([\w-]+)'/.exec(policy)![1]!;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
  expect(page).toContain(`nonce="${nonce}"`);
  expect(page).not.toContain('KOLBEN-NONCE');
  expect(second!.headers.get('content-security-policy')).not.toContain(nonce);
  expect(Object.fromEntries(first!.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  const api = await of.send('/api/session');
  expect(api.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(api.headers.get('cache-control')).toBe('no-store');
});

test('what is built has no inline script, no inline style and nothing from elsewhere', () => {
  for (const [, attributes, content] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
    expect(content).toBe('');
    expect(attributes).toMatch(/src="\/console\/assets\//);
  }
  expect(html).not.toMatch(/<style|style=|\son\w+=|javascript:/i);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\/console\//);
});

test('files come with their type, for good, in the browser’s best encoding', async () => {
  const of = await consoleInTest();
  for (const name of assets.filter((name) => /\.(js|css)$/.test(name))) {
    const bytes = readFileSync(join(built, 'assets', name));
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['identity', null],
    ] as const) {
      const headers = { 'accept-encoding': accepted };
      const response = await fetch(`${of.url}/console/assets/${name}`, { headers });
      expect(response.headers.get('content-encoding'), `${name} ${accepted}`).toBe(encoding);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': `text/${name.endsWith('.js') ? 'javascript' : 'css'}; charset=utf-8`,
        vary: 'accept-encoding',
        'x-content-type-options': 'nosniff',
      });
      // fetch has undone the encoding.
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(brotliDecompressSync(readFileSync(join(built, 'assets', `${name}.br`))).equals(bytes)).toBe(true);
    expect(gunzipSync(readFileSync(join(built, 'assets', `${name}.gz`))).equals(bytes)).toBe(true);
  }
});

test('no path leads out of the folder', async () => {
  const of = await consoleInTest();
  for (const path of [
    '/assets/..%2findex.html',
    '/assets/%2e%2e%2f%2e%2e%2fapp.sha256',
    '/assets/..%5cindex.html',
    '/assets/%00',
    '/assets/',
    '/assets/none.js',
    '/assets/__proto__',
  ]) {
    const response = await of.send(path);
    expect(response.headers.get('content-type'), path).not.toContain('javascript');
    if (response.status === 200) expect(await response.text()).toContain('<div id="root">');
    else expect(response.status).toBe(404);
  }
  expect((await of.send('/', { method: 'POST' })).status).toBe(405);
});

test('the first view takes less than 300 kB, compressed', () => {
  // What the page asks for by itself, one language and the overview with all that they bring along.
  const wanted = new Set<string>();
  const want = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    if (!name.endsWith('.js')) return;
    const code = readFileSync(join(built, 'assets', name), 'utf8');
    // Static imports alone: what is loaded later is named by import(…).
    for (const [, other] of code.matchAll(/(?:import|from)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) want(other!);
  };
  for (const [, name] of html.matchAll(/\/console\/assets\/([\w.-]+)/g)) want(name!);
  const sizeOf = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => {
      const compressed = assets.find((asset) => asset === `${name}.br`) ?? name;
      return sum + readFileSync(join(built, 'assets', compressed)).length;
    }, 0);
  expect(wanted.size).toBeGreaterThan(1);
  // The largest of the pages and the larger of the languages, whichever it is that somebody sees first.
  const scripts = assets.filter((name) => name.endsWith('.js') && !wanted.has(name));
  const extra = (pattern: RegExp) =>
    Math.max(
      ...scripts
        .filter((name) => pattern.test(name))
        .map((name) => {
          const before = new Set(wanted);
          want(name);
          const more = sizeOf([...wanted].filter((one) => !before.has(one)));
          wanted.clear();
          for (const one of before) wanted.add(one);
          return more;
        }),
    );
  const total = sizeOf(wanted) + extra(/^page-/) + extra(/^(en|de)-/);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThan(300_000);
});
