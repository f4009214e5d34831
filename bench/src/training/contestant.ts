/**
 * A process that trains when it is told to, and otherwise waits without using a core.
 *
 * It is driven by lines: `step N` trains N steps and is answered by one line of JSON. So all contestants can be
 * alive, with their weights and their memory, and be measured in turn within the same minutes.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { KolbenError } from '@kolben/engine';

export interface Command {
  /** For people, and the key of its figures. */
  readonly name: string;
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What one `step N` was answered; a contestant may add figures of its own. */
export interface Turn {
  readonly seconds: number;
  /** One a step: the mean over the batch's tokens, or the part of it that this process had. */
  readonly losses: readonly number[];
}

/** No answer may take longer, in milliseconds; the slowest peer's first step takes a tenth of it. */
const patience = 300_000;

export class Contestant {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #errors: string[] = [];

  private constructor({ name, file, arguments: given, environment }: Command) {
    this.name = name;
    this.#child = spawn(file, given, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.once('error', (error) => this.#errors.push(error.message));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#errors.push(text));
    // A dead process is told of by the answer that doesn't come.
    this.#child.stdin?.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Starts it and waits until it is ready. @throws KolbenError (`bench_contestant`) if it ends instead */
  static async start(command: Command): Promise<Contestant> {
    const contestant = new Contestant(command);
    await contestant.#answer();
    return contestant;
  }

  step(count: number): Promise<Turn> {
    return this.ask(`step ${count}`) as Promise<Turn>;
  }

  ask(line: string): Promise<object> {
    this.#child.stdin?.write(`${line}\n`);
    return this.#answer();
  }

  /** Lets it end by itself; one that doesn't is killed. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    this.#child.stdin?.end();
    await ended;
    clearTimeout(timer);
  }

  async #answer(): Promise<object> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    const { done, value } = await this.#answers.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value);
    const lines = this.#errors.join('').trim().split('\n');
    // Node and Python name the error in a line of its own, amid others.
    const said = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
    throw new KolbenError(
      'bench_contestant',
      `${this.name} ended without an answer: ${said || 'it said nothing'}.`,
    );
  }
}
