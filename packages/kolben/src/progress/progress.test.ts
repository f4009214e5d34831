import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress } from './create-progress.ts';
import { lines } from './lines.ts';

function paper(isTTY: boolean, columns = 60) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns }), read: () => text };
}

describe('progress in a log', () => {
  it('tells a long phase in a dozen lines, not in thousands', () => {
    const { stream, read } = paper(false);
    let clock = 0;
    const progress = lines(stream, () => clock);
    const phase = progress.phase('Training', 10_000, 'steps');
    for (let step = 1; step <= 10_000; step++) {
      clock += 30;
      phase.update(step, 'loss 0.3');
    }
    phase.done('Trained.');
    const told = read().trimEnd().split('\n');
    expect(told[0]).toBe('Training …');
    expect(told[1]).toBe('   10 %  1,000 of 10,000 steps · loss 0.3');
    expect(told.at(-1)).toBe('Trained.');
    expect(told).toHaveLength(11);
  });

  it('says nothing in between where a phase is short', () => {
    const { stream, read } = paper(false);
    const progress = createProgress({ stream });
    const phase = progress.phase('Reading', 100);
    for (let i = 0; i <= 100; i++) phase.update(i);
    phase.done('Read 100.');
    phase.update(100);
    progress.say('Remark.');
    progress.close();
    expect(read()).toBe('Reading …\nRead 100.\nRemark.\n');
  });
});

describe('progress on a terminal', () => {
  it('draws over one line, never wider than the terminal, and leaves only the sentence', () => {
    const { stream, read } = paper(true);
    const progress = createProgress({ stream });
    const phase = progress.phase('Reading the mails of a very long title indeed', 100, 'mails');
    phase.update(50, 'a detail that is far too long for any terminal of sixty columns');
    progress.say('Remark.');
    phase.done('Read 100 mails.');
    progress.close();
    const shown = read();
    expect(shown.split('\n')).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own language.
    for (const drawn of shown.split(/\r\u001B\[2K|\n/)) expect([...drawn].length).toBeLessThan(60);
    expect(shown.endsWith('Remark.\nRead 100 mails.\n')).toBe(true);
    expect(shown).not.toContain('\u001B[?25l');
  });

  it('clears the line of a phase that was cut short', () => {
    const { stream, read } = paper(true);
    const progress = createProgress({ stream });
    progress.phase('First', 10);
    progress.phase('Second', 10);
    progress.close();
    expect(read().endsWith('\r\u001B[2K')).toBe(true);
  });
});

describe('silence', () => {
  it('is kept when asked for', () => {
    const { stream, read } = paper(true);
    const progress = createProgress({ stream, style: 'silent' });
    progress.phase('A', 1).done('B');
    progress.say('C');
    progress.close();
    expect(read()).toBe('');
  });
});
