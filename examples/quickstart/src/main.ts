/**
 * The quickstart: the main job of Kolben, end to end, on 6,046 real mails.
 *
 * An ordinary OpenAI client talks to the gateway; the gateway records what a teacher answers; a student is
 * distilled from the recorded calls alone, and certified; the route is switched; mails that nobody has seen go
 * through the same client and the same gateway; and the report says what came of it.
 *
 *     npm run quickstart                      everything, in .kolben/quickstart
 *     npm run quickstart -- --mails 1500      a shorter look, with fewer mails
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { createProgress, exitCodes, failureOf, listenForInterrupt, UsageError } from 'kolben';
import { quickstart } from './quickstart.ts';

/** @throws UsageError where the words don't fit */
function readArguments(): { folder: string; mails: number | undefined } {
  try {
    const { values } = parseArgs({
      options: { mails: { type: 'string' }, folder: { type: 'string', default: '.kolben/quickstart' } },
    });
    return { folder: values.folder, mails: values.mails === undefined ? undefined : Number(values.mails) };
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}; it takes --mails <n> and --folder <folder>.`,
    );
  }
}

const progress = createProgress();
const interrupt = listenForInterrupt((sentence) => progress.say(sentence));
try {
  const { signal } = interrupt;
  const text = await quickstart({ ...readArguments(), progress, signal, environment: process.env });
  progress.close();
  process.stdout.write(`${text}\n`);
} catch (error) {
  progress.close();
  const { sentence, code } = failureOf(interrupt.signal.aborted ? interrupt.signal.reason : error);
  const goOn = code === exitCodes.interrupted ? ' Run it again to go on from here.' : '';
  process.stderr.write(`${sentence}${goOn}\n`);
  process.exitCode = code;
} finally {
  interrupt.release();
}
