/**
 * What the students are asked: everyday texts, and those that other programs might read otherwise.
 *
 * @module
 */
import fc from 'fast-check';
import { parcelExamples } from './examples.ts';

const hard: readonly string[] = [
  '',
  ' ',
  '\n',
  'a',
  '0',
  'GRÜẞE AUS KÖLN',
  'Straße, Fuß, Maß: 12,50 € statt 1.250,00 €',
  '„Typographisch“ – ‚einfach‘ … geht´s? it’s `quoted` "too"',
  '😀 danke 👍🏽 thanks',
  '👩‍👩‍👧‍👦🏳️‍🌈 toll',
  '🇩🇪🇫🇷 ☎️ 1️⃣',
  'tabs\tand\nlines\r\nand \u0007 bells \u001b[31m',
  '\u0000 zero \u0000',
  'ΟΔΟΣ ὈΔΥΣΣΕΎΣ ﬁne Ａ㎏ e\u0301 a\u0308\u0323',
  'Bestell\u00adnummer \u200b \u2060 \ufeff\u202eabc\u202c',
  '<pad> Ā Ġ [CLS] [SEP] </s> <|endoftext|> <unk> Ċ',
  '{"a": "json", "b": [1, 2]}',
  'https://example.org/a?b=c&d=%20#e mail@example.org',
  '私のカードはどこですか ｶｰﾄﾞ',
  'где моя новая карта',
  'أين بطاقتي الجديدة',
  'एक दो तीन',
  'İstanbul ıssız IĞDIR',
  '\ud800 half \udc00 a pair',
  '\u{10ffff}\u{1f9ff}\ufffd\uffff',
  'a'.repeat(5000),
  'ä'.repeat(5000),
  '🙂'.repeat(2000),
  'where is my parcel '.repeat(4000),
  `${' '.repeat(3000)}danke`,
  '\u0301'.repeat(100),
];

/** The same at every call; all different. */
export function texts(): string[] {
  const everyday = parcelExamples(120).map(({ messages }) => String(messages[0].content));
  const draw = { seed: 1, numRuns: 120 };
  const anything = fc.sample(fc.string({ unit: 'binary', maxLength: 60 }), draw);
  const graphemes = fc.sample(fc.string({ unit: 'grapheme', maxLength: 60 }), draw);
  return [...new Set([...hard, ...everyday, ...anything, ...graphemes])];
}
