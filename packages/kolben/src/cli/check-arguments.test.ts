import type { ArgsDef } from 'citty';
import { describe, expect, it } from 'vitest';
import { checkArguments } from './check-arguments.ts';

const definition = {
  file: { type: 'positional', required: true },
  second: { type: 'positional', required: false },
  out: { type: 'string', required: true, description: 'the folder to write' },
  alpha: { type: 'string', default: '0.05' },
  json: { type: 'boolean' },
} as const satisfies ArgsDef;

const check = (...words: string[]) => checkArguments('kolben try', words, definition);

describe('checkArguments', () => {
  it('lets pass what fits', () => {
    expect(() => check('a.jsonl', '--out', 'dir')).not.toThrow();
    expect(() => check('--out=dir', '--json', 'a.jsonl', 'b', '--alpha', '0.1')).not.toThrow();
    expect(() => check('--out', 'dir', '-', '--', '-5 degrees')).not.toThrow();
  });

  it.each([
    [['a', '--out', 'd', '--alhpa', '0.1'], 'kolben try knows no option --alhpa: did you mean --alpha?'],
    [['a', '--out', 'd', '--unheard-of'], 'kolben try knows no option --unheard-of'],
    [['a', '--out', 'd', '-5 degrees'], "'--' goes before a text that begins with a dash"],
    [['a', '--out'], '--out needs a value'],
    [['a', '--out='], '--out needs a value'],
    [['a', '--out', '--json'], '--out needs a value'],
    [['a', '--out', 'd', '--out', 'e'], '--out was given twice'],
    [['a', '--out', 'd', '--json=yes'], '--json takes no value'],
    [['a'], 'kolben try needs --out: the folder to write.'],
    [['--out', 'd'], 'kolben try needs <file>'],
    [['a', 'b', 'c', '--out', 'd'], 'kolben try takes at most 2 arguments, but 3 were given'],
  ])('answers %j with a sentence', (words, message) => {
    expect(() => check(...words)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    );
  });
});
