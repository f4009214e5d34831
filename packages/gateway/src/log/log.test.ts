import { expect, test } from 'vitest';
import { lineLog, reasonOf } from './log.ts';

test('an event is one line of JSON, and those below the level are left out', () => {
  const lines: string[] = [];
  const log = lineLog({ write: (line) => lines.push(line) }, 'warn');
  log.info('call', { id: 'a' });
  log.warn('two\nlines', { reason: 'x\ny', n: 1 });
  log.error('student_failed');
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(JSON.parse(lines[0]!)).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'warn',
    event: 'two\nlines',
    reason: 'x\ny',
    n: 1,
  });
});

test('of an error only its code or class is told, never its words', () => {
  expect(reasonOf(Object.assign(new Error('open /home/ann/secret'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(reasonOf(new TypeError('You win a prize'))).toBe('TypeError');
  expect(reasonOf('You win a prize')).toBe('unknown');
});
