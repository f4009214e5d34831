/**
 * Progress for a terminal: one line that is drawn over, at most ten times a second, and that leaves behind the
 * sentence of what was found.
 *
 * The cursor is never hidden and standard input never touched: a killed process must leave a usable terminal.
 *
 * @module
 */
import type { Writable } from 'node:stream';
import type { Phase, Progress } from './progress.ts';
import { count, duration } from './words.ts';

const width = 24;
const redrawMs = 100;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function blocks(share: number): string {
  const filled = share * width;
  const full = Math.floor(filled);
  const part = full < width ? eighths[Math.floor((filled - full) * 8)]! : '';
  return `${'█'.repeat(full)}${part}`.padEnd(width, '·');
}

export function bar(stream: Writable & { columns?: number }): Progress {
  let current: (() => void) | undefined;
  let shown = false;
  const wipe = () => {
    if (shown) stream.write('\r\u001B[2K');
    shown = false;
  };
  const draw = (line: string) => {
    const room = Math.max(20, (stream.columns ?? 80) - 1);
    const characters = [...line];
    stream.write(
      `\r\u001B[2K${characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : line}`,
    );
    shown = true;
  };
  const say = (sentence: string) => {
    wipe();
    stream.write(`${sentence}\n`);
  };
  return {
    phase(title, total, unit = ''): Phase {
      current?.();
      const begun = performance.now();
      let drawnAt = Number.NEGATIVE_INFINITY;
      let last: { done: number; detail: string | undefined } = { done: 0, detail: undefined };
      const redraw = () => {
        drawnAt = performance.now();
        const seconds = (drawnAt - begun) / 1000;
        const tail = last.detail ? ` · ${last.detail}` : '';
        if (total === undefined) {
          draw(
            `${title} ${last.done > 0 ? `· ${count(last.done)}${unit ? ` ${unit}` : ''} ` : ''}· ${duration(seconds)}${tail}`,
          );
          return;
        }
        const share = total === 0 ? 1 : Math.min(1, last.done / total);
        const left =
          share > 0.02 && seconds > 1 ? ` · ${duration((seconds / share) * (1 - share))} left` : '';
        draw(
          `${title} ${blocks(share)} ${count(last.done)}/${count(total)}${unit ? ` ${unit}` : ''}${left}${tail}`,
        );
      };
      const ticking = setInterval(redraw, 1000);
      ticking.unref();
      let open = true;
      const end = () => {
        open = false;
        clearInterval(ticking);
        if (current === end) current = undefined;
        wipe();
      };
      current = end;
      redraw();
      return {
        update(done, detail) {
          if (!open) return;
          last = { done, detail };
          if (performance.now() - drawnAt >= redrawMs) redraw();
        },
        done(sentence) {
          if (!open) return;
          end();
          stream.write(`${sentence}\n`);
        },
        stop: end,
      };
    },
    say,
    close() {
      current?.();
    },
  };
}
