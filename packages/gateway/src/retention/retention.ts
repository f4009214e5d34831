/**
 * Deletes the words of calls that are older than they may become, at the start of a gateway and every so often.
 *
 * @module
 */
import type { Store } from '@kolben/store';
import type { RetentionConfig } from '../config/retention-schema.ts';
import { type Log, reasonOf } from '../log/log.ts';

const dayMs = 24 * 60 * 60 * 1000;

export class Retention {
  readonly #store: Pick<Store, 'calls' | 'audit'>;
  readonly #textMs: number;
  readonly #log: Log;
  readonly #clock: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  private constructor(store: Pick<Store, 'calls' | 'audit'>, textDays: number, everyMs: number, log: Log) {
    this.#store = store;
    this.#textMs = textDays * dayMs;
    this.#log = log;
    this.#clock = setInterval(() => void this.#run(), everyMs);
    this.#clock.unref();
    void this.#run();
  }

  /** Undefined where words are kept for ever. */
  static start(
    store: Pick<Store, 'calls' | 'audit'>,
    { textDays, everyMinutes }: RetentionConfig,
    log: Log,
  ): Retention | undefined {
    return textDays === undefined ? undefined : new Retention(store, textDays, everyMinutes * 60_000, log);
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    clearInterval(this.#clock);
    await this.#running;
  }

  #run(): Promise<void> {
    this.#running ??= this.#delete().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #delete(): Promise<void> {
    const before = new Date(Date.now() - this.#textMs);
    try {
      const calls = await this.#store.calls.deleteTextBefore(before);
      if (calls === 0) return;
      const detail = { before: before.toISOString(), calls };
      await this.#store.audit({ actor: 'gateway', act: 'calls.prune', detail });
      this.#log.info('words_deleted', { calls });
    } catch (error) {
      // The next time will do.
      this.#log.warn('words_not_deleted', { reason: reasonOf(error) });
    }
  }
}
