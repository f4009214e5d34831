import { describe, expect, it } from 'vitest';
import { redactAnswer } from './redact-answer.ts';
import { redactor } from './redact-text.ts';

const redact = redactor();
const answerFor = (text: string, answer: string) => redactAnswer(answer, text, redact(text), redact);

describe('redactAnswer', () => {
  it('puts the same words in the place of what the input had', () => {
    const text = 'Ich bin Max, 0664 1234567, max@example.org, Ausweis LZ4N0T5R8';
    expect(
      answerFor(
        text,
        '{"name": "Max", "phone": "0664 1234567", "contact": ["max@example.org"], "card": "LZ4N0T5R8"}',
      ),
    ).toBe('{"name":"Max","phone":"[phone]","contact":["[mail]"],"card":"[id]"}');
  });

  it('keeps JSON valid where a number was personal data', () => {
    expect(answerFor('Tel. 06641234567', '{"n": 6641234567, "phone": 43}')).toBe(
      '{"n": 6641234567, "phone": 43}',
    );
    expect(answerFor('card 4111 1111 1111 1111', '{"card": 4111111111111111}')).toBe('{"card":"[card]"}');
  });

  it('leaves labels and untouched JSON as they were written', () => {
    expect(answerFor('max@example.org', 'card_arrival')).toBe('card_arrival');
    expect(answerFor('hello', '{ "a" : [1, 2] }')).toBe('{ "a" : [1, 2] }');
    expect(answerFor('hello', '{ broken')).toBe('{ broken');
  });

  it('redacts what only the answer says', () => {
    expect(answerFor('Who is in charge?', 'Write to office@example.org')).toBe('Write to [mail]');
  });
});
