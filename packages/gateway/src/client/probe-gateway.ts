/**
 * Knocks at a running gateway as strangers would, for `kolben doctor`: does it refuse what it has to?
 *
 * Nothing is asked of a model and no key is shown to anybody but, where one is given, the gateway itself.
 *
 * @module
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { GatewayStatus } from '../admin/status.ts';

/** One knock and what came of it. */
export interface Knock {
  /** Snake case, for programs. */
  name:
    | 'without_key'
    | 'with_known_key'
    | 'key_in_address'
    | 'admin_without_key'
    | 'foreign_host'
    | 'foreign_origin'
    | 'security_headers';
  /** What it was, in words: "a request without a key". */
  what: string;
  isSafe: boolean;
}

export interface Probed {
  /** Undefined where nothing answers at the address; else whether it is a Kolben gateway. */
  isKolben: boolean | undefined;
  knocks: Knock[];
  /** With an admin key that the gateway accepted. */
  status: GatewayStatus | undefined;
  /** What the gateway said to the admin key: 200, 401, 403; undefined where none was given. */
  statusCode: number | undefined;
}

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** Keys that other gateways were delivered with, or that people take when they are asked for one. */
const knownKeys = ['sk-1234', 'admin', 'kolben', 'kb-', 'password', 'test', 'changeme'];
const timeoutMs = 5_000;
const largestReply = 1 << 20;

/** @param adminKey of scope admin; without it the gateway's own view is not asked for */
export async function probeGateway(url: string, adminKey?: string): Promise<Probed> {
  const base = url.replace(/\/+$/, '');
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    knock(new URL(base + path), method, headers);
  const health = await ask('/healthz').catch(() => undefined);
  if (health === undefined)
    return { isKolben: undefined, knocks: [], status: undefined, statusCode: undefined };
  const isKolben = health.status === 200 && health.text.trim() === '{"status":"ok"}';
  if (!isKolben) return { isKolben, knocks: [], status: undefined, statusCode: undefined };

  const without = await ask('/v1/models');
  const known = await Promise.all(
    knownKeys.map((key) => ask('/v1/models', { authorization: `Bearer ${key}` })),
  );
  const inAddress = adminKey
    ? await ask(`/admin/status?api_key=${encodeURIComponent(adminKey)}`)
    : await ask('/v1/models?api_key=sk-1234');
  const admin = await ask('/admin/status');
  const host = await ask('/healthz', { host: 'rebound.example' });
  const origin = await ask(
    '/v1/chat/completions',
    {
      origin: 'https://rebound.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
    'OPTIONS',
  );
  const asked = adminKey ? await ask('/admin/status', { authorization: `Bearer ${adminKey}` }) : undefined;
  return {
    isKolben,
    knocks: [
      { name: 'without_key', what: 'a request without a key', isSafe: without.status === 401 },
      {
        name: 'with_known_key',
        what: 'a request with a key that everybody knows',
        isSafe: known.every(({ status }) => status === 401),
      },
      { name: 'key_in_address', what: 'a key in the address', isSafe: inAddress.status === 401 },
      { name: 'admin_without_key', what: 'administration without a key', isSafe: admin.status === 401 },
      { name: 'foreign_host', what: 'a request under a foreign name', isSafe: host.status === 421 },
      {
        name: 'foreign_origin',
        what: "another site's question whether it may ask",
        isSafe: origin.headers['access-control-allow-origin'] === undefined,
      },
      {
        name: 'security_headers',
        what: 'the headers that keep browsers away',
        isSafe:
          health.headers['x-content-type-options'] === 'nosniff' &&
          health.headers['content-security-policy'] !== undefined,
      },
    ],
    status: asked?.status === 200 ? (JSON.parse(asked.text) as GatewayStatus) : undefined,
    statusCode: asked?.status,
  };
}

function knock(address: URL, method: string, headers: Record<string, string>): Promise<Reply> {
  const { request } = address.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent: false, timeout: timeoutMs });
    sent.once('timeout', () => sent.destroy(new Error('No answer in time.')));
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > largestReply) sent.destroy(new Error('The answer is too long.'));
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.end();
  });
}
