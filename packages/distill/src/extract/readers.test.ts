import { expect, test } from 'vitest';
import { findSpans, spanText } from './find-spans.ts';
import { type ReaderName, readers } from './readers.ts';
import { wordsOf } from './words.ts';

test.each<[ReaderName, string, string | number | undefined]>([
  ['number.point', '1,250.50', 1250.5],
  ['number.point', '12', 12],
  ['number.point', '12.5 kg', 12.5],
  ['number.point', '-3', -3],
  ['number.point', '1,25', undefined],
  ['number.point', '3 of 4', undefined],
  ['number.point', 'three', 3],
  ['number.comma', '1.250,00 €', 1250],
  ['number.comma', "1'250,5", 1250.5],
  ['number.comma', '12,50€', 12.5],
  ['number.comma', 'zwölf', 12],
  ['number.comma', '1.25', undefined],
  ['date.dmy', '3.11.2026', '2026-11-03'],
  ['date.dmy', '3. November 26', '2026-11-03'],
  ['date.dmy', '3. März 2026', '2026-03-03'],
  ['date.dmy', '31.2.2026', undefined],
  ['date.mdy', 'March 5th, 2026', '2026-03-05'],
  ['date.ymd', '2026/03/05', '2026-03-05'],
  ['text', ' two \n words ', 'two words'],
  ['upper', 'ab-12', 'AB-12'],
  ['title', 'jean-luc PICARD', 'Jean-Luc Picard'],
  ['joined', 'AT61 1904 3002', 'AT6119043002'],
  ['numeral', '12,50€', '12,50'],
])('%s of %j is %j', (reader, text, value) => {
  expect(readers[reader](text)).toBe(value);
});

function found(text: string, reader: ReaderName, value: string | number): string[] {
  const worded = { text, words: wordsOf(text, 4096) };
  return findSpans(worded, reader, value).map((span) => spanText(worded, span));
}

test('a value is found as the longest span that says it, wherever it stands', () => {
  expect(found('Pay 12,00 € or 12 at once', 'number.comma', 12)).toEqual(['12,00', '12']);
  expect(found('4 Stück und 67 Kabel', 'number.point', 67)).toEqual(['67']);
  expect(found('am 3.11.2026 um 3', 'date.dmy', '2026-11-03')).toEqual(['3.11.2026']);
  expect(found('New York, new york', 'text', 'New York')).toEqual(['New York']);
  expect(found('New\n York', 'text', 'New York')).toEqual(['New\n York']);
  expect(found('the Newt', 'text', 'New')).toEqual([]);
  expect(found('call CAFE\u0301', 'lower', 'caf\u00e9')).toEqual(['CAFE\u0301']);
});
