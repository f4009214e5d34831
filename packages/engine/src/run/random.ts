/**
 * Random numbers that depend on what they are for and on nothing else: not on the chip, the schedule, or what
 * was drawn before. That is why two chips draw the same as one.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand); seeds are spread by the finalizer of MurmurHash3.
 * Not for secrets.
 *
 * @module
 */

/**
 * Draws of 32 random bits from a stream named by `keys`: strings, and whole numbers up to 2^53 in size. Other
 * keys, or the same in another order, name another stream.
 */
export function randomStream(...keys: (number | string)[]): () => number {
  // Three words of state, each made of all keys: with a single one, some of a run's streams would meet.
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  for (const word of keys.flatMap(wordsOf)) {
    a = Math.imul(mix(a ^ word), 5) + 1;
    b = Math.imul(mix(b ^ word), 5) + 1;
    c = Math.imul(mix(c ^ word), 5) + 1;
  }
  let counter = 1;
  const next = () => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

function wordsOf(key: number | string): number[] {
  if (typeof key === 'string') return [key.length, ...Array.from(key, (_, i) => key.charCodeAt(i))];
  if (!Number.isSafeInteger(key))
    throw new RangeError(`A random stream is named by whole numbers, not ${key}.`);
  return [key | 0, Math.floor(key / 2 ** 32)];
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A number in [0, 1) with 32 random bits. */
export function uniform(stream: () => number): number {
  return stream() / 2 ** 32;
}

/** Fills `target` with draws of a normal distribution of mean 0 (Box and Muller, 1958). */
export function fillNormal(target: Float32Array, deviation: number, stream: () => number): void {
  for (let i = 0; i < target.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniform(stream)));
    const angle = 2 * Math.PI * uniform(stream);
    target[i] = radius * Math.cos(angle);
    if (i + 1 < target.length) target[i + 1] = radius * Math.sin(angle);
  }
}

/**
 * Fills `target` with zeros and 1/(1-rate), so that its mean is 1. The rate, in [0, 1), is rounded to a multiple
 * of 1/256 below 1, since four elements are made of one draw.
 */
export function fillDropout(target: Float32Array, rate: number, stream: () => number): void {
  const threshold = Math.min(Math.round(rate * 256), 255);
  // Looked up instead of compared: a processor guesses comparisons, and of random ones it guesses many wrong.
  const values = new Float32Array(256).fill(256 / (256 - threshold), threshold);
  const whole = target.length - (target.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const bits = stream();
    target[i] = values[bits & 255];
    target[i + 1] = values[(bits >>> 8) & 255];
    target[i + 2] = values[(bits >>> 16) & 255];
    target[i + 3] = values[bits >>> 24];
  }
  let bits = whole < target.length ? stream() : 0;
  for (let i = whole; i < target.length; i++) {
    target[i] = values[bits & 255];
    bits >>>= 8;
  }
}

/** Puts `items` in random order, in place (Fisher and Yates). */
export function shuffle<T>(items: T[], stream: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(uniform(stream) * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
