/**
 * The console for tests: a real gateway with it, on a real store in a folder of its own, a provider over HTTP.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConfigInput,
  type Gateway,
  type GatewayOptions,
  type Log,
  parseConfig,
  startGateway,
} from '@kolben/gateway';
import { openStore, type Store } from '@kolben/store';
import { onTestFinished } from 'vitest';
import { consolePages } from '../server/console-pages.ts';
import type { ConsoleServices } from '../server/services.ts';
import { type Upstream, upstream } from './upstream.ts';

export interface TestConsole {
  /** Of the gateway: `http://127.0.0.1:…`. */
  url: string;
  store: Store;
  gateway: Gateway;
  provider: Upstream;
  /** Keys of both scopes. */
  admin: { id: string; secret: string };
  use: { id: string; secret: string };
  /** The console's clock; move it by setting it. */
  clock: { now: Date };
  /** Events of the gateway's log, in order. */
  events: string[];
  /** A call of an application, over HTTP, recorded when it resolves. */
  ask(text: string, model?: string): Promise<Response>;
  /** A request of the console's page without the page: with its origin, and the session's cookie and token if there is one. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Begins the session that `send` goes by. */
  signIn(key?: string): Promise<Response>;
  /** What `send` has of its session; empty without one. */
  session: { cookie: string; csrf: string };
}

export interface TestConsoleOptions {
  /** Over the tests' own: one provider `mock`, one task `mail` taught by `mock/big-1`. */
  config?: Partial<ConfigInput>;
  /** What the provider says; left out, `ham`. */
  answer?: Upstream['answer'];
  /** Beside store, configuration and gateway. */
  services?: Partial<ConsoleServices>;
  gateway?: Partial<GatewayOptions>;
  /** Done with the store before the gateway starts. */
  prepare?: (store: Store) => Promise<void>;
}

/** Everything is closed and removed when the test is over. */
export async function consoleInTest(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const provider = await upstream(options.answer ?? (() => 'ham'));
  const store = await openStore({ directory: folder });
  await options.prepare?.(store);
  const clock = { now: new Date() };
  const events: string[] = [];
  const config = parseConfig({
    dataDirectory: folder,
    providers: {
      mock: {
        baseUrl: provider.url,
        apiKeyEnv: 'MOCK_KEY',
        retries: { times: 0 },
        prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
      },
    },
    tasks: { mail: { kind: 'classify', teacher: 'mock/big-1', audit: 0 } },
    ...options.config,
  });
  const gateway = await startGateway({
    config,
    store,
    port: 0,
    refreshMs: 0,
    environment: { MOCK_KEY: 'sk-mock-0123456789abcdef' },
    log: keep(events),
    pages: (inside) => consolePages({ store, config, inside, now: () => clock.now, ...options.services }),
    ...options.gateway,
  });
  onTestFinished(async () => {
    await gateway.close();
    await store.close();
  });
  const admin = await store.keys.create({ name: 'anna', scope: 'admin' });
  const use = await store.keys.create({ name: 'shop', scope: 'use' });
  const { url } = gateway;
  const session = { cookie: '', csrf: '' };
  const send: TestConsole['send'] = (path, init = {}) =>
    fetch(`${url}/console${path}`, {
      ...init,
      headers: {
        origin: url,
        'content-type': 'application/json',
        ...(session.cookie !== '' && { cookie: session.cookie, 'x-kolben-csrf': session.csrf }),
        ...init.headers,
      },
    });
  return {
    ...{ url, store, gateway, provider, admin, use, clock, events, session, send },
    ask: async (text, model = 'kolben/mail') => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${use.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: text }] }),
      });
      await response.clone().arrayBuffer();
      await gateway.flush();
      return response;
    },
    signIn: async (key = admin.secret) => {
      const response = await send('/api/session', { method: 'POST', body: JSON.stringify({ key }) });
      const cookie = response.headers.get('set-cookie');
      if (cookie !== null) {
        session.cookie = cookie.split(';')[0]!;
        const { csrf } = (await (await send('/api/session')).json()) as { csrf: string };
        session.csrf = csrf;
      }
      return response;
    },
  };
}

function keep(events: string[]): Log {
  const at = (level: string) => (event: string) => void events.push(`${level} ${event}`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
