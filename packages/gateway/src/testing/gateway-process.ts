/**
 * Starts `serve-gateway.ts` and speaks to it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import type { ConfigInput } from '../config/schema.ts';

const script = new URL('serve-gateway.ts', import.meta.url);

export interface GatewayProcess {
  child: ChildProcess;
  url: string;
  secret: string;
  client: OpenAI;
  /** What it has logged so far, a line an event. */
  stderr(): string;
  /** Kills it with -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface ProcessOptions {
  directory: string;
  /** The provider's address. */
  baseUrl: string;
  config?: Partial<ConfigInput>;
  /** Put before its command: `ulimit`, for a disk that is full. */
  shell?: string;
}

/** @throws Error with what it said, where it doesn't come up */
export async function gatewayProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const { directory, baseUrl, config = {}, shell } = options;
  const command = [process.execPath, ...programArguments(script), directory, baseUrl, JSON.stringify(config)];
  const child =
    shell === undefined
      ? spawn(command[0]!, command.slice(1))
      : spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command]);
  let stdout = '';
  let stderr = '';
  child.stderr!.on('data', (piece) => {
    stderr += String(piece);
  });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (piece) => {
      stdout += String(piece);
      if (stdout.includes('\n')) resolve();
    });
    void closed.then(() => reject(new Error(stderr.trim())));
  });
  const { url, secret } = JSON.parse(stdout) as { url: string; secret: string };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await closed;
    return child.exitCode;
  };
  return {
    child,
    url,
    secret,
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: secret, maxRetries: 0 }),
    stderr: () => stderr,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
