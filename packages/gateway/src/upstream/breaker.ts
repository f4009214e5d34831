/**
 * Leaves a provider alone that fails again and again, so that calls go to the next teacher at once instead of each
 * waiting for the same failure.
 *
 * - closed: everybody may ask. It opens when `failures` of the last `windowMs` are at least half of the outcomes.
 * - open: nobody may, for `openMs`.
 * - half open: one call may, and its outcome closes it or opens it again; the others don't wait for it.
 *
 * @module
 */
import type { BreakerSettings } from '../config/provider-schema.ts';

/** How finely a window slides. */
const slices = 10;

interface Slice {
  began: number;
  good: number;
  bad: number;
}

/** Leave to ask, to be given back with the outcome. */
export interface Leave {
  /** It answered, if only to refuse: it is alive. */
  good(): void;
  /** It didn't, or said itself that it can't. */
  bad(): void;
  /** Nothing is known: the client left before the provider had said a word. */
  unknown(): void;
}

export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #now: () => number;
  readonly #onSwitch: (isOpen: boolean) => void;
  #slices: Slice[] = [];
  /** Undefined: closed. */
  #openUntil: number | undefined;
  #isProbed = false;

  /**
   * @param now milliseconds of a clock that only goes forward
   * @param onSwitch told when it opens and when it closes
   */
  constructor(settings: BreakerSettings, now: () => number, onSwitch: (isOpen: boolean) => void) {
    this.#settings = settings;
    this.#now = now;
    this.#onSwitch = onSwitch;
  }

  /** Open, or half open. */
  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** How many milliseconds it is left alone yet; 0 where it may be asked. */
  get leftMs(): number {
    return this.#openUntil === undefined ? 0 : Math.max(0, this.#openUntil - this.#now());
  }

  /** Leave to ask the provider, or how many milliseconds from now it is worth asking again. */
  enter(): Leave | number {
    if (this.#openUntil === undefined) return this.#leave(false);
    const left = this.#openUntil - this.#now();
    if (left > 0) return left;
    if (this.#isProbed) return this.#settings.openMs;
    this.#isProbed = true;
    return this.#leave(true);
  }

  /** It failed later than its head, in the middle of an answer. */
  failed(): void {
    this.#note(false, false);
  }

  #leave(isProbe: boolean): Leave {
    let isBack = false;
    const back = (note: () => void) => () => {
      if (isBack) return;
      isBack = true;
      if (isProbe) this.#isProbed = false;
      note();
    };
    return {
      good: back(() => this.#note(true, isProbe)),
      bad: back(() => this.#note(false, isProbe)),
      unknown: back(() => {}),
    };
  }

  #note(isGood: boolean, isProbe: boolean): void {
    if (this.#openUntil !== undefined) {
      // Calls that were under way when it opened change nothing.
      if (!isProbe) return;
      if (isGood) this.#close();
      else this.#openUntil = this.#now() + this.#settings.openMs;
      return;
    }
    const now = this.#now();
    const { failures, windowMs, openMs } = this.#settings;
    while (this.#slices[0] && now - this.#slices[0].began >= windowMs) this.#slices.shift();
    let slice = this.#slices.at(-1);
    if (!slice || now - slice.began >= windowMs / slices) {
      slice = { began: now, good: 0, bad: 0 };
      this.#slices.push(slice);
    }
    if (isGood) {
      slice.good += 1;
      return;
    }
    slice.bad += 1;
    const bad = this.#slices.reduce((sum, one) => sum + one.bad, 0);
    const good = this.#slices.reduce((sum, one) => sum + one.good, 0);
    if (bad < failures || bad < good) return;
    this.#openUntil = now + openMs;
    this.#onSwitch(true);
  }

  #close(): void {
    this.#openUntil = undefined;
    this.#slices = [];
    this.#onSwitch(false);
  }
}
