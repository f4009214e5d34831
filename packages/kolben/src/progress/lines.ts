/**
 * Progress for a log: the title, then a line at every tenth of the way or every ten seconds, whichever comes
 * later, so that a log of a long job stays short.
 *
 * @module
 */
import type { Writable } from 'node:stream';
import type { Phase, Progress } from './progress.ts';
import { count } from './words.ts';

const quietMs = 3_000;
const stepShare = 0.1;

/** `now` gives milliseconds; it is an argument so that a test can drive the clock. */
export function lines(stream: Writable, now: () => number): Progress {
  const write = (line: string) => void stream.write(`${line}\n`);
  return {
    phase(title, total, unit = ''): Phase {
      write(`${title} …`);
      let toldAt = now();
      let toldShare = 0;
      let open = true;
      return {
        update(done, detail) {
          if (!open || now() - toldAt < quietMs) return;
          const share = total === undefined ? undefined : Math.min(1, done / total);
          if (share !== undefined && (share - toldShare < stepShare || share >= 1)) return;
          if (share === undefined && now() - toldAt < 3 * quietMs) return;
          toldAt = now();
          toldShare = share ?? 0;
          const of = total === undefined ? count(done) : `${count(done)} of ${count(total)}`;
          const percent = share === undefined ? '' : `${String(Math.floor(share * 100)).padStart(3)} %  `;
          write(`  ${percent}${of}${unit ? ` ${unit}` : ''}${detail ? ` · ${detail}` : ''}`);
        },
        done(sentence) {
          if (open) write(sentence);
          open = false;
        },
        stop() {
          open = false;
        },
      };
    },
    say: write,
    close() {},
  };
}
