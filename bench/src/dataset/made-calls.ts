/**
 * Calls as a company has them, made from a seed: short messages of 60 to 200 bytes, a quarter of them said before word
 * by word, a sixth nearly so, each with one of 77 labels, over ninety days.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';

export interface MadeCall {
  readonly text: string;
  readonly answer: string;
  readonly at: Date;
}

const syllables = 'ka lo mi ver ter ge an be schu rei tung fer ing con pro sta ber lich ro du ne wa po'.split(
  ' ',
);
const remembered = 50_000;

/**
 * The same calls for the same count and seed.
 *
 * @param options `distinct`: no call is said before or nearly so
 */
export function* madeCalls(
  count: number,
  seed: number,
  { distinct = false }: { readonly distinct?: boolean } = {},
): Generator<MadeCall> {
  const draw = randomStream(seed, 'made calls');
  const below = (n: number) => Math.floor(uniform(draw) * n);
  const words = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + below(4) }, () => syllables[below(syllables.length)]).join(''),
  );
  // As in any language, few words are said often and most hardly ever.
  const word = () => words[Math.floor(words.length * uniform(draw) ** 3)]!;
  const labels = Array.from({ length: 77 }, (_, i) => `queue_${i}`);
  const said: { text: string; answer: string }[] = [];
  const start = Date.UTC(2026, 0, 1);
  for (let i = 0; i < count; i++) {
    const lot = uniform(draw);
    const before = said.length > 100 && !distinct ? said[below(said.length)] : undefined;
    let text: string;
    let answer = before?.answer ?? '';
    if (before && lot < 0.25) text = before.text;
    else if (before && lot < 0.42) {
      const copied = before.text.split(' ');
      copied[below(copied.length)] = word();
      text = copied.join(' ');
    } else {
      const length = 60 + below(141);
      text = word();
      while (text.length < length - 8) text += ` ${word()}`;
      if (uniform(draw) < 0.02) text += ` 0664 ${1_000_000 + below(9_000_000)}`;
      answer = labels[below(labels.length)]!;
      said[said.length < remembered ? said.length : below(remembered)] = { text, answer };
    }
    // A teacher contradicts itself now and then.
    if (uniform(draw) < 0.01) answer = labels[below(labels.length)]!;
    yield { text, answer, at: new Date(start + i * Math.floor((90 * 24 * 3_600_000) / count)) };
  }
}
