import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText } from './redact-text.ts';
import { RedactionError } from './redaction-error.ts';

/** Check digits by their definitions, without the libraries that the finders use. */
function luhnDigit(digits: string): string {
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}
function ibanCheck(country: string, account: string): string {
  const letters = `${account}${country}00`.replaceAll(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return String(98n - (BigInt(letters) % 97n)).padStart(2, '0');
}
function taxDigit(digits: string): string {
  let product = 10;
  for (const digit of digits) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}
function insuranceNumber(serial: string, birth: string): string | undefined {
  const weights = [3, 7, 9, 5, 8, 4, 2, 1, 6];
  const sum = [...serial, ...birth].reduce((total, digit, i) => total + Number(digit) * weights[i]!, 0);
  return sum % 11 === 10 ? undefined : `${serial}${sum % 11} ${birth}`;
}

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });
const grouped = (text: string, size: number) => text.match(new RegExp(`.{1,${size}}`, 'g'))!.join(' ');
const around = fc.constantFrom(
  ['', ''],
  ['bitte an ', ' schicken'],
  ['it was (', ')'],
  ['Das ist „', '“!'],
  ['see ', ', please'],
);

describe('redactText', () => {
  it.each([
    ['Write to max.muster+x@mail.example.co.at!', 'Write to [mail]!', 'mail'],
    ['Jörg.Müller@bücher.example, danke', '[mail], danke', 'mail'],
    ['ruf mich an: 0664 1234567', 'ruf mich an: [phone]', 'phone'],
    ['ruf mich an unter 06641234567.', 'ruf mich an unter [phone].', 'phone'],
    ['+43 (0) 664 123 45 67', '[phone]', 'phone'],
    ['0049 30 901820 oder so', '[phone] oder so', 'phone'],
    ['Tel. (030) 901820', 'Tel. [phone]', 'phone'],
    ['mobil 0171/1234567', 'mobil [phone]', 'phone'],
    ['call 213-373-4253 now', 'call [phone] now', 'phone'],
    ['IBAN at61 1904 3002 3457 3201 bitte', 'IBAN [iban] bitte', 'iban'],
    ['DE89370400440532013000', '[iban]', 'iban'],
    ['card 4111 1111 1111 1111.', 'card [card].', 'card'],
    ['amex 3782-822463-10005', 'amex [card]', 'card'],
    ['SV-Nr 1237 010180', 'SV-Nr [id]', 'id'],
    ['meine Versicherungsnummer ist 1237010180', 'meine Versicherungsnummer ist [id]', 'id'],
    ['Steuer-ID: 86095742719', 'Steuer-ID: [id]', 'id'],
    ['86 095 742 719', '[id]', 'id'],
    ['RV 15 070649 C 103', 'RV [id]', 'id'],
    ['Ausweis T220001293', 'Ausweis [id]', 'id'],
    ['Personalausweis LZ4N0T5R8', 'Personalausweis [id]', 'id'],
    ['Reisepass P 1234567 abgelaufen', 'Reisepass [id] abgelaufen', 'id'],
  ])('%s', (text, expected, kind) => {
    const { text: redacted, found } = redactText(text);
    expect(redacted).toBe(expected);
    expect(found.map((span) => span.kind)).toEqual([kind]);
  });

  it.each([
    'Bestellung 4711234567 vom 12.03.2024 um 14:30',
    'Bestellnummer: 0664 1234567',
    'order number is 0012345678',
    'ticket #0123456789',
    'flight LH1234 on 2024-03-12, OS 87 back',
    'total 1.234.567,89 EUR, or $1,234,567.89, or 0.123456789',
    'from 01.01.2024 - 31.12.2024, or 01/02/2024',
    'IP 192.168.100.200, port 8080',
    'ISBN 978-3-16-148410-0',
    'invoice 2024-0012345, customer 12345678',
    'Postleitzahl 1010 Wien, Haus 12/4/17',
    'a@b, @home, user@localhost, me@1.2.3.4',
    'AT61 1904 3002 3457 3202 has a wrong sum',
    '4111 1111 1111 1112 has a wrong digit',
    '1238 010180 has a wrong digit, and 1237010180 could be anything',
    'LZ4N0T5R8 and T220001293 are parts of a machine',
    'my passport expires on 12.03.2024',
    'meine nummer ist 42, und 007 auch',
    'call me at 14:30 on 24-12-2024',
    '1,000,000 of 12 345 678 people',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toEqual({ text, found: [] });
  });

  it('finds what passes its check digits, wherever it stands, and nothing that fails them', () => {
    fc.assert(
      fc.property(
        around,
        digits(16),
        digits(18),
        digits(11),
        digits(15),
        ([before, after], at, de, short, card) => {
          const austrian = `AT${ibanCheck('AT', at)}${at}`;
          const german = `DE${ibanCheck('DE', de)}${de}`;
          expect(at.length + short.length).toBe(27);
          for (const iban of [austrian, german, grouped(austrian, 4), grouped(german, 4)]) {
            expect(redactText(before + iban + after).text).toBe(`${before}[iban]${after}`);
          }
          const visa = `4${card.slice(1)}`;
          const number = visa + luhnDigit(visa);
          for (const one of [number, grouped(number, 4)]) {
            expect(redactText(before + one + after).text).toBe(`${before}[card]${after}`);
          }
          const wrong = visa + String((Number(luhnDigit(visa)) + 1) % 10);
          expect(redactText(before + wrong + after).text).toBe(before + wrong + after);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('finds numbers of persons by their check digits', () => {
    fc.assert(
      fc.property(
        around,
        digits(3),
        fc.date({ min: new Date('1930-01-01'), max: new Date('2005-12-31'), noInvalidDate: true }),
        fc.shuffledSubarray([...'0123456789'], { minLength: 9, maxLength: 9 }),
        fc.nat(9),
        ([before, after], serial, born, nine, twice) => {
          const [year, month, day] = born.toISOString().slice(0, 10).split('-');
          const number = insuranceNumber(serial, `${day}${month}${year!.slice(2)}`);
          if (number !== undefined)
            expect(redactText(before + number + after).text).toBe(`${before}[id]${after}`);
          // Of the first ten digits one occurs twice, and none stands at the beginning as a zero.
          const drawn = [...nine];
          drawn.splice(twice, 0, nine[(twice * 7) % 9]!);
          const ten = drawn.join('');
          fc.pre(ten[0] !== '0');
          const id = `${ten}${taxDigit(ten)}`;
          expect(redactText(`Steuer-ID ${id}${after}`).text).toBe(`Steuer-ID [id]${after}`);
        },
      ),
      { seed: 2, numRuns: 200 },
    );
  });

  it('changes nothing a second time, and its positions are those of the text given', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'max@example.org',
        '+43 664 1234567',
        '0171/1234567',
        'AT61 1904 3002 3457 3201',
        '4111111111111111',
        '1237 010180',
        'Tel.',
        'Ausweis',
        'Steuer-ID',
      ),
      fc.string({ unit: fc.constantFrom(...'0123456789 -/.@+()[]aÄ€'), maxLength: 20 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', ' ', ', '), (pieces, joint) => {
        const text = pieces.join(joint);
        const { text: redacted, found } = redactText(text);
        let rebuilt = '';
        let at = 0;
        for (const { kind, start, end } of found) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          rebuilt += `${text.slice(at, start)}[${kind}]`;
          at = end;
        }
        expect(rebuilt + text.slice(at)).toBe(redacted);
        expect(redactText(redacted).text).toBe(redacted);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('leaves numbers of up to twelve digits alone that begin with none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999_999 }),
        fc.constantFrom('order', 'Nr.', 'for', 'Kundennummer', 'is'),
        (number, word) => {
          const text = `${word} ${number} please`;
          expect(redactText(text).text).toBe(text);
        },
      ),
      { seed: 4, numRuns: 2000 },
    );
  });

  it('takes no long time over long texts of one kind of character', () => {
    for (const unit of ['a', '1', '@', 'a.', '1 ', '0', '+1', '(', 'AT61 ', 'a@a.', '1-', '０']) {
      const text = unit.repeat(Math.floor(100_000 / unit.length));
      expect(redactText(text).text.length).toBeGreaterThan(0);
    }
  });

  it('knows patterns of one’s own, which go first', () => {
    const options = {
      patterns: [
        { name: 'customer', pattern: /K-\d{6}/ },
        { name: 'code', pattern: '\\bX\\d+' },
      ],
    };
    expect(redactText('K-123456 and X9, not k-123456, max@example.org', options)).toMatchObject({
      text: '[customer] and [code], not k-123456, [mail]',
      found: [{ kind: 'customer', start: 0, end: 8 }, { kind: 'code' }, { kind: 'mail' }],
    });
    expect(redactText('k-123456', { patterns: [{ name: 'customer', pattern: /k-\d+/iy }] }).text).toBe(
      '[customer]',
    );
  });

  it.each([
    [{ name: 'a b', pattern: /x/ }, 'letters'],
    [{ name: 'open', pattern: '(' }, 'no regular expression'],
    [{ name: 'empty', pattern: /x*/ }, 'where nothing is'],
    [{ name: 'itself', pattern: /its/ }, 'another name'],
  ])('refuses the pattern %j', (pattern, words) => {
    expect(() => redactText('x', { patterns: [pattern] })).toThrow(RedactionError);
    expect(() => redactText('x', { patterns: [pattern] })).toThrow(words);
  });
});

const data = process.env.KOLBEN_TEST_DATA;
const present = data !== undefined;
if (!present && process.env.KOLBEN_TEST_REQUIRE) throw new Error('KOLBEN_TEST_DATA is needed and not set.');

describe.skipIf(!present)('redactText on public data sets (needs KOLBEN_TEST_DATA)', () => {
  it.each(['banking77', 'massive_de', 'snips'])('leaves the texts of %s as they are', (name) => {
    const lines = readFileSync(join(data!, name, 'train.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const texts = lines.map(
      (line) => (JSON.parse(line) as { messages: { content: string }[] }).messages[1]!.content,
    );
    const changed = texts.filter((text) => redactText(text).found.length > 0);
    process.stdout.write(`${name}: ${changed.length} of ${texts.length} texts changed\n`);
    expect(changed.length / texts.length).toBeLessThan(0.0005);
  });
});
