/**
 * Short invented texts with a label that their words decide, for tests that need a task and not a language.
 *
 * @module
 */

const topics: Readonly<Record<string, readonly string[]>> = {
  billing: ['invoice', 'refund', 'charged', 'payment', 'receipt', 'price', 'bank', 'overpaid'],
  delivery: ['parcel', 'courier', 'late', 'tracking', 'address', 'package', 'arrived', 'doorstep'],
  account: ['password', 'login', 'username', 'locked', 'email', 'profile', 'signed', 'verification'],
  product: ['broken', 'screen', 'battery', 'scratch', 'button', 'noise', 'warranty', 'cracked'],
};
const filler =
  'the my a please hello i it was is and today again could you help with about since need thanks'.split(' ');

/** A linear congruential stream of numbers in [0, 1): enough to vary texts, the same everywhere. */
function stream(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

export interface LabelledText {
  text: string;
  label: string;
}

/** `n` different texts over four labels, in turn. Most labels can be told from the words; one in a hundred lies. */
export function makeTexts(n: number, seed = 0): LabelledText[] {
  const random = stream(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const labels = Object.keys(topics);
  const seen = new Set<string>();
  const texts: LabelledText[] = [];
  while (texts.length < n) {
    const label = labels[texts.length % labels.length]!;
    const words = Array.from({ length: 6 + Math.floor(random() * 6) }, () => pick(filler));
    for (let i = 0; i < 3; i++) words.splice(Math.floor(random() * words.length), 0, pick(topics[label]!));
    const text = words.join(' ');
    if (seen.has(text)) continue;
    seen.add(text);
    texts.push({ text, label: random() < 0.01 ? pick(labels) : label });
  }
  return texts;
}

/** One line of OpenAI's fine-tuning chat format. */
export function exampleLine({ text, label }: LabelledText): string {
  const messages = [
    { role: 'system', content: 'Which queue?' },
    { role: 'user', content: text },
    { role: 'assistant', content: label },
  ];
  return JSON.stringify({ messages });
}

export function exampleFile(texts: readonly LabelledText[]): string {
  return `${texts.map(exampleLine).join('\n')}\n`;
}
