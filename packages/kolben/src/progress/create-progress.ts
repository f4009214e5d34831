/**
 * Progress, told in one of three ways: a bar on a terminal, a line now and then in a log, or not at all.
 *
 * Written here instead of with a prompt library, because those listen on standard input and catch Ctrl-C for
 * themselves, which would bypass the orderly stop.
 *
 * @module
 */
import type { Writable } from 'node:stream';
import { bar } from './bar.ts';
import { lines } from './lines.ts';
import type { Progress } from './progress.ts';

export type ProgressStyle = 'bar' | 'lines' | 'silent';

export interface ProgressOptions {
  /** Standard error unless told otherwise. */
  stream?: Writable & { isTTY?: boolean; columns?: number };
  /** By default a bar on a terminal and lines elsewhere. */
  style?: ProgressStyle;
}

const silent: Progress = {
  phase: () => ({ update() {}, done() {}, stop() {} }),
  say() {},
  close() {},
};

export function createProgress({ stream = process.stderr, style }: ProgressOptions = {}): Progress {
  const terminal = stream.isTTY === true && process.env.TERM !== 'dumb';
  const chosen = style ?? (terminal ? 'bar' : 'lines');
  if (chosen === 'silent') return silent;
  return chosen === 'bar' ? bar(stream) : lines(stream, Date.now);
}
