/**
 * The thread that seals calls and writes them to the journal. It waits for the disk while the calls to come go on.
 *
 * @module
 */
import { fdatasyncSync, ftruncateSync, writeSync } from 'node:fs';
import { Seal } from '../../seal/seal.ts';
import { answerQuestions } from '../../threads/answer-questions.ts';
import { toEntries } from '../entries.ts';
import type { JournalAnswer, JournalBatch } from './protocol.ts';

let seal: Seal | undefined;

answerQuestions<JournalBatch, JournalAnswer>({
  answer({ key, calls, file, position }) {
    if (!seal?.key.equals(key)) seal = new Seal(key);
    const { entries, lengths } = toEntries(calls, seal);
    try {
      for (let done = 0; done < entries.length; )
        done += writeSync(file, entries, done, entries.length - done, position + done);
      fdatasyncSync(file);
    } catch (error) {
      // Half an entry would hide those that come after it.
      try {
        ftruncateSync(file, position);
      } catch {}
      throw error;
    }
    return { entries, lengths };
  },
  transfer: ({ entries }) => [entries.buffer as ArrayBuffer],
});
