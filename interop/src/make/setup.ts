/**
 * Makes what the tests open with other people's programs, and writes down what Kolben itself says of it.
 *
 * It's done before the tests, and in another process, since two versions of ONNX Runtime don't share one.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distill, openStudent } from '@kolben/distill';
import { startChip } from '@kolben/engine';
import type { TestProject } from 'vitest/node';
import { randomDecoders, stories } from './decoders.ts';
import { encoder, encoderTokens } from './encoder.ts';
import { parcelExamples } from './examples.ts';
import { tagger } from './tagger.ts';
import { texts } from './texts.ts';
import { writer } from './writer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Holds everything that was made (`made.ts`). */
    made: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-interop-'));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  try {
    const asked = texts();
    await classifier(join(folder, 'classifier'));
    await answers(join(folder, 'classifier'), asked);
    await answers(join(folder, 'classifier'), asked, { quantised: true });
    await encoder(join(folder, 'encoder'));
    // What is longer, Transformers.js cuts without the token that ends it; and Kolben asks without mail addresses.
    await answers(
      join(folder, 'encoder'),
      asked.filter((text) => text.length < encoderTokens - 2 && !text.includes('@')),
    );
    await tagger(join(folder, 'tagger'), asked.filter((text) => text.length < 200).slice(0, 60));
    await decoders(folder);
    await writer(join(folder, 'writer'));
    project.provide('made', folder);
  } catch (error) {
    clear();
    throw error;
  }
  return clear;
}

/** A classifier trained from scratch. */
async function classifier(out: string): Promise<void> {
  await distill({
    examples: parcelExamples(400),
    out,
    task: 'parcels',
    chips: 1,
    alpha: 0.2,
    timeBudget: 600,
  });
}

/** Writes down what a student answers, or its quantised copy. */
async function answers(
  out: string,
  asked: readonly string[],
  { quantised = false }: { readonly quantised?: boolean } = {},
): Promise<void> {
  const student = await openStudent(out, { quantised });
  try {
    const given = await student.answer(asked);
    writeFileSync(
      `${out}${quantised ? '-quantised' : ''}.json`,
      JSON.stringify(given.map(({ answer, confidence }, i) => ({ text: asked[i], answer, confidence }))),
    );
  } finally {
    await student.close();
  }
}

async function decoders(folder: string): Promise<void> {
  const chip = await startChip();
  const data = process.env.KOLBEN_TEST_DATA;
  try {
    await randomDecoders(folder, chip);
    // (Without the data, the test says so.)
    if (data !== undefined) await stories(join(folder, 'stories'), data, chip);
  } finally {
    await chip.close();
  }
}
