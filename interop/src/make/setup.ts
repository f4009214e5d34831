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
import { randomLlama, stories } from './decoders.ts';
import { parcelExamples } from './examples.ts';
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
    await classifier(join(folder, 'classifier'));
    await decoders(folder);
    await writer(join(folder, 'writer'));
    project.provide('made', folder);
  } catch (error) {
    clear();
    throw error;
  }
  return clear;
}

/** A classifier trained from scratch, and its answers. */
async function classifier(out: string): Promise<void> {
  await distill({
    examples: parcelExamples(400),
    out,
    task: 'parcels',
    chips: 1,
    alpha: 0.2,
    timeBudget: 600,
  });
  const student = await openStudent(out);
  try {
    const asked = texts();
    const answers = await student.answer(asked);
    writeFileSync(
      `${out}.json`,
      JSON.stringify(answers.map(({ answer, confidence }, i) => ({ text: asked[i], answer, confidence }))),
    );
  } finally {
    await student.close();
  }
}

async function decoders(folder: string): Promise<void> {
  const chip = await startChip();
  const data = process.env.KOLBEN_TEST_DATA;
  try {
    await randomLlama(join(folder, 'random-llama'), chip);
    // (Without the data, the test says so.)
    if (data !== undefined) await stories(join(folder, 'stories'), data, chip);
  } finally {
    await chip.close();
  }
}
