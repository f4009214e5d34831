/**
 * A gateway for tests: the real one, on a real store in a folder of its own, with the official client before it.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, openStore, type Route, type Store } from '@kolben/store';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import type { ConfigInput } from '../config/schema.ts';
import type { Log, LogFields } from '../log/log.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../server/start-gateway.ts';
import type { ServingStudent, StudentOpinion } from '../students/student.ts';
import { type Behaviour, type MockProvider, mockProvider, type WhenOver } from './mock-provider.ts';

/** The provider's key in every test; it must turn up nowhere but at the provider. */
export const providerKey = 'sk-mock-0123456789abcdef';

export interface LoggedEvent extends LogFields {
  level: string;
  event: string;
}

export interface TestGateway {
  gateway: Gateway;
  store: Store;
  provider: MockProvider;
  /** A key of scope use. */
  secret: string;
  /** The official client, which does not repeat requests by itself here. */
  client: OpenAI;
  events: LoggedEvent[];
  /** A request without the client: to the gateway's address, with the key. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Posts this body to the chat endpoint. */
  chat(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** All calls recorded by now, oldest first. */
  calls(): Promise<Call[]>;
}

export interface TestOptions extends Partial<Omit<GatewayOptions, 'config' | 'store'>> {
  route?: Route;
  provider?: Partial<ConfigInput['providers'][string]>;
  task?: Partial<ConfigInput['tasks'][string]>;
  tasks?: ConfigInput['tasks'];
  /** Beside `mock`. */
  providers?: ConfigInput['providers'];
  config?: Partial<ConfigInput>;
  /** Seen by the gateway in place of the real store; the rest of the test goes on with the real one. */
  wrapStore?: (store: Store) => Store;
  /** For a gateway of several tests: `afterAll`. */
  whenOver?: WhenOver;
}

export function newFolder(whenOver: WhenOver = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-gateway-'));
  whenOver(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function testGateway(behaviour: Behaviour, options: TestOptions = {}): Promise<TestGateway> {
  const {
    route = 'teacher',
    task = {},
    tasks = {},
    providers = {},
    provider: ofProvider = {},
    config,
    wrapStore,
    whenOver = onTestFinished,
    ...rest
  } = options;
  const provider = await mockProvider(behaviour, whenOver);
  const store = await openStore({ directory: newFolder(whenOver) });
  const events: LoggedEvent[] = [];
  const gateway = await startGateway({
    store: wrapStore ? wrapStore(store) : store,
    port: 0,
    log: keep(events),
    loadStudent: () => Promise.reject(new Error('There is no student in this test.')),
    environment: { MOCK_KEY: providerKey },
    refreshMs: 0,
    config: {
      providers: {
        mock: {
          baseUrl: provider.url,
          apiKeyEnv: 'MOCK_KEY',
          // What fails is told at once; tests of trying again say so.
          retries: { times: 0 },
          prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8, cachedInputPerMillion: 0.5 } },
          ...ofProvider,
        },
        ...providers,
      },
      // No lot falls on a call unless a test is about audits: it would come out differently each time.
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1', route, audit: 0, ...task }, ...tasks },
      ...config,
    },
    ...rest,
  });
  // Registered last, so run first: the gateway stops before its store and its provider do.
  whenOver(async () => {
    await gateway.close();
    await store.close();
  });
  const { secret } = await store.keys.create({ name: 'test', scope: 'use' });
  const send = (path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${secret}`, ...init.headers } });
  return {
    gateway,
    store,
    provider,
    secret,
    client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 }),
    events,
    send,
    chat: (body, headers = {}) =>
      send('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    calls: async () => {
      await gateway.flush();
      const lost = events.filter(({ event }) => event === 'call_not_recorded');
      if (lost.length > 0) throw new Error(`Calls were not recorded: ${JSON.stringify(lost)}`);
      return (await store.calls.list()).reverse();
    },
  };
}

export function keep(events: LoggedEvent[]): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void events.push({ ...fields, level, event });
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * A student that runs in this process: it answers `spam` to texts with the word "win" and `ham` to others, and is
 * as sure as the text says ("sure 0.9"), 0.99 where it says nothing. Certified from 0.8 on, if it has a certificate.
 */
export function wordStudent(
  options: { digest?: string; certificate?: { alpha: number } | null } = {},
): ServingStudent & {
  closed: number;
  asked: string[];
} {
  const { digest = 'digest-1', certificate = { alpha: 0.05, threshold: 0.8 } } = options;
  const student = {
    digest,
    certificate,
    closed: 0,
    asked: [] as string[],
    answer: async (texts: readonly string[]): Promise<StudentOpinion[]> => {
      student.asked.push(...texts);
      return texts.map((text) => {
        const confidence = Number(/sure (0\.\d+)/.exec(text)?.[1] ?? 0.99);
        const certified = certificate !== null && confidence >= 0.8;
        return { answer: /\bwin\b/i.test(text) ? 'spam' : 'ham', confidence, certified };
      });
    },
    agrees: (teacher: string, answer: string) => teacher.trim() === answer,
    close: async () => {
      student.closed += 1;
    },
  };
  return student;
}
