/**
 * The teacher of this run: the language model that the environment names, or else the replay of human labels.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { type ConfigInput, KolbenError, type TeacherFacts } from 'kolben';
import type { Mail } from './mails.ts';
import { startReplayTeacher } from './replay-teacher.ts';
import { assumedPrice, replay, seed } from './settings.ts';

export interface Teacher {
  /** `provider/model`, as tasks name it. */
  name: string;
  provider: ConfigInput['providers'];
  facts: TeacherFacts;
  /** Changes when another teacher answers: its calls must not be mixed with this one's. */
  digest: string;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

function listPrice(environment: Environment): {
  inputPerMillion: number;
  outputPerMillion: number;
  source: string;
} {
  const read = (name: string) => {
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (!(value >= 0))
      throw new KolbenError(
        'quickstart_price',
        `${name} must be US dollars per million tokens, such as 0.25; it was '${text}'.`,
      );
    return value;
  };
  const input = read('KOLBEN_TEACHER_INPUT_PRICE');
  const output = read('KOLBEN_TEACHER_OUTPUT_PRICE');
  if (input === undefined && output === undefined) {
    return { ...assumedPrice, source: 'an assumed list price of a small hosted model, not a bill.' };
  }
  if (input === undefined || output === undefined) {
    throw new KolbenError(
      'quickstart_price',
      'Set both KOLBEN_TEACHER_INPUT_PRICE and KOLBEN_TEACHER_OUTPUT_PRICE, or neither.',
    );
  }
  return {
    inputPerMillion: input,
    outputPerMillion: output,
    source: 'the price that the environment names.',
  };
}

const digestOf = (what: unknown) => createHash('sha256').update(JSON.stringify(what)).digest('hex');

/** @throws KolbenError where the environment names only half a teacher */
export async function chooseTeacher(mails: readonly Mail[], environment: Environment): Promise<Teacher> {
  const names = ['KOLBEN_TEACHER_BASE_URL', 'KOLBEN_TEACHER_MODEL', 'KOLBEN_TEACHER_API_KEY'] as const;
  const missing = names.filter((name) => !environment[name]);
  const price = listPrice(environment);
  const prices = { inputPerMillion: price.inputPerMillion, outputPerMillion: price.outputPerMillion };
  if (missing.length === 0) {
    const baseUrl = environment.KOLBEN_TEACHER_BASE_URL!;
    const model = environment.KOLBEN_TEACHER_MODEL!;
    return {
      name: `teacher/${model}`,
      provider: { teacher: { baseUrl, apiKeyEnv: 'KOLBEN_TEACHER_API_KEY', prices: { [model]: prices } } },
      facts: {
        name: model,
        kind: 'model',
        about: `The answers that the student learned from, and is measured against, are those of the language model ${model}.`,
        price,
      },
      digest: digestOf({ baseUrl, model }),
      close: async () => {},
    };
  }
  if (missing.length < names.length) {
    throw new KolbenError(
      'quickstart_teacher',
      `To use a language model as the teacher, also set ${missing.join(' and ')}; without all three, human labels are replayed.`,
    );
  }
  const answers = new Map(mails.map((mail) => [mail.text, mail.label]));
  const server = await startReplayTeacher({ ...replay, answers, seed });
  return {
    name: `replay/${replay.model}`,
    provider: { replay: { baseUrl: server.baseUrl, prices: { [replay.model]: prices } } },
    facts: {
      name: `replay/${replay.model}`,
      kind: 'replay',
      about: `It replays the labels that people gave these mails: a real HTTP server on this machine that waits about ${replay.medianMs} ms before each answer, as a hosted model would, and is billed at an assumed price. So the figures show what the path does and what the student learns from good answers; they say nothing about how well some language model reads mail.`,
      price,
    },
    digest: digestOf({ replay }),
    close: () => server.close(),
  };
}
