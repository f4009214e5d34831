/**
 * Writes what labelling has come to: the examples with their answers in the order of the inputs, and beside them those
 * that were set apart.
 *
 * @module
 */
import { open, rename, rm } from 'node:fs/promises';
import type { Drawn, Example } from '@kolben/store';
import { DRAWN } from '../datasets/drawn.ts';
import type { Labelled } from './combine-votes.ts';
import { type LabelSettings, labelFrom, labelSet } from './label-examples.ts';
import type { RejectedAnswer } from './read-answer.ts';
import type { WorkFile } from './work-file.ts';

export interface Written {
  readonly written: number;
  readonly rejected: number;
}

/** Beside the file of labelled examples. */
export function rejectedFile(out: string): string {
  return `${out.replace(/\.jsonl?$/, '')}.rejected.jsonl`;
}

/**
 * Writes `out` and, where something was set apart, `rejectedFile(out)`, both whole or not at all. Inputs without an
 * answer are in neither.
 *
 * @param drawnOf how an input came to be asked, which its line then says; inputs without are left out
 */
export async function writeLabelled(
  out: string,
  examples: AsyncIterable<Example>,
  work: WorkFile,
  settings: LabelSettings,
  signal?: AbortSignal,
  drawnOf?: (example: Example) => Drawn | undefined,
): Promise<Written> {
  const labels = labelSet(settings.labels);
  const files = [out, rejectedFile(out)];
  const parts = files.map((file) => `${file}.part`);
  const handles = await Promise.all(parts.map((part) => open(part, 'w', 0o600)));
  const counts = [0, 0];
  const buffers = ['', ''];
  const flush = async (n: number) => {
    if (buffers[n] === '') return;
    await handles[n]!.appendFile(buffers[n]!);
    buffers[n] = '';
  };
  try {
    for await (const example of examples) {
      signal?.throwIfAborted();
      const drawn = example.answer === undefined ? drawnOf?.(example) : undefined;
      if (drawnOf && example.answer === undefined && drawn === undefined) continue;
      const outcome =
        example.answer === undefined
          ? await labelFrom(work, example, settings, labels)
          : { answer: example.answer };
      const teacher = example.answer === undefined ? settings.teacher : undefined;
      if (outcome === undefined) continue;
      const n = 'rejected' in outcome ? 1 : 0;
      buffers[n] += `${JSON.stringify(lineOf(example, outcome, teacher, drawn))}\n`;
      counts[n]!++;
      if (buffers[n]!.length > 1 << 20) await flush(n);
    }
    await flush(0);
    await flush(1);
    for (const handle of handles) await handle.sync();
    await Promise.all(handles.map((handle) => handle.close()));
    if (counts[1] === 0) {
      await rm(parts[1]!, { force: true });
      await rm(files[1]!, { force: true });
    } else await rename(parts[1]!, files[1]!);
    await rename(parts[0]!, files[0]!);
  } catch (error) {
    await Promise.all(handles.map((handle) => handle.close().catch(() => {})));
    for (const part of parts) await rm(part, { force: true });
    throw error;
  }
  return { written: counts[0]!, rejected: counts[1]! };
}

/**
 * One line of OpenAI's fine-tuning chat format; what the teacher said beside its answer stands behind it.
 *
 * @param teacher who gave the answer, where it was asked now
 */
export function lineOf(
  example: Example,
  outcome: Labelled | RejectedAnswer,
  teacher: string | undefined,
  drawn?: Drawn,
): Record<string, unknown> {
  const { messages, id, conversation, at, extra } = example;
  const own = {
    ...(id === undefined ? {} : { id }),
    ...(conversation === undefined ? {} : { conversation }),
    ...(at === undefined ? {} : { at: at.toISOString() }),
    ...extra,
    ...(drawn === undefined ? {} : { [DRAWN]: drawn }),
  };
  if ('rejected' in outcome) {
    const { rejected, said, reasoning } = outcome;
    return {
      messages,
      unlabelled: true,
      ...own,
      rejected: {
        reason: rejected,
        ...(said === undefined ? {} : { said }),
        ...(reasoning === undefined ? {} : { reasoning }),
      },
    };
  }
  const { answer, reasoning, logprobs, shares, votes } = outcome;
  const message = {
    role: 'assistant',
    content: answer,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
  };
  return {
    messages: [...messages, message],
    ...own,
    ...(teacher === undefined ? {} : { teacher }),
    ...(votes === undefined ? {} : { votes }),
    ...(shares === undefined ? {} : { shares }),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}
