/**
 * `kolben up` as a company has it: a process of its own, in a folder with a configuration, a teacher over HTTP, keys, and
 * the other commands beside it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '@kolben/store';

const bin = fileURLToPath(new URL('../../../kolben/bin/kolben.js', import.meta.url));

export interface KolbenUp {
  url: string;
  folder: string;
  admin: { id: string; secret: string };
  use: { id: string; secret: string };
  /** Runs a command to its end; its object. @throws Error with what it said where it failed */
  kolben(...args: string[]): Promise<Record<string, never>>;
  /** Begins a command; resolves with its object at its end. */
  begin(...args: string[]): { child: ChildProcess; ended: Promise<Record<string, never>> };
  /** A call of an application. */
  ask(text: string, secret?: string, model?: string): Promise<Response>;
  stop(): Promise<void>;
}

/** @param providerUrl of the teacher; `task` goes over the configuration of the task `mail` */
export async function kolbenUp(providerUrl: string, task: object = {}): Promise<KolbenUp> {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-up-'));
  const config = {
    port: 0,
    retention: { textDays: 90 },
    providers: {
      acme: {
        baseUrl: providerUrl,
        jurisdiction: 'AT',
        terms: { distillation: 'allowed', date: '2026-10-01' },
        prices: { 'large-1': { inputPerMillion: 2, outputPerMillion: 8 } },
      },
    },
    tasks: { mail: { kind: 'classify', teacher: 'acme/large-1', ...task } },
  };
  writeFileSync(join(folder, 'kolben.config.json'), JSON.stringify(config));
  const children = new Set<ChildProcess>();
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [bin, ...args, '--json'], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    children.add(child);
    return child;
  };
  const begin: KolbenUp['begin'] = (...args) => {
    const child = start(...args);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (piece) => {
      stdout += String(piece);
    });
    child.stderr.on('data', (piece) => {
      stderr += String(piece);
    });
    const ended = new Promise<Record<string, never>>((resolve, reject) => {
      child.once('close', (code) => {
        children.delete(child);
        if (code === 0) resolve(JSON.parse(stdout || '{}') as Record<string, never>);
        else reject(new Error(`kolben ${args.join(' ')}: ${stderr.trim()}`));
      });
    });
    return { child, ended };
  };
  const kolben: KolbenUp['kolben'] = (...args) => begin(...args).ended;
  const stop = async () => {
    for (const child of children) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await closed;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const store = await openStore({ directory: join(folder, '.kolben') });
    const admin = await store.keys.create({ name: 'anna', scope: 'admin' });
    const use = await store.keys.create({ name: 'shop', scope: 'use' });
    await store.close();
    const gateway = start('up');
    const url = await new Promise<string>((resolve, reject) => {
      let stdout = '';
      gateway.stdout.on('data', (piece) => {
        stdout += String(piece);
        if (stdout.includes('\n')) resolve((JSON.parse(stdout) as { url: string }).url);
      });
      gateway.once('close', () => reject(new Error('kolben up has ended.')));
    });
    const ask: KolbenUp['ask'] = (text, secret = use.secret, model = 'kolben/mail') =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: text }] }),
      });
    return { url, folder, admin, use, kolben, begin, ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
