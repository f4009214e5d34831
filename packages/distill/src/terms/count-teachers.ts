/**
 * Who gave the answers of a stream of examples.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import type { Example } from '@kolben/store';
import type { TeacherCalls } from './check-terms.ts';

/** Who gave one answer: from `provider` and `model`, or from `teacher` as `provider/model`. */
export function teacherOf({ extra }: Pick<Example, 'extra'>): {
  provider: string | null;
  model: string | null;
} {
  const provider = named(extra.provider);
  const model = named(extra.model);
  const teacher = named(extra.teacher);
  if (provider !== null || teacher === null) return { provider, model };
  const slash = teacher.indexOf('/');
  return slash === -1
    ? { provider: teacher, model }
    : { provider: teacher.slice(0, slash), model: teacher.slice(slash + 1) };
}

function named(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Students answer under this name; see `modelName` of the gateway. */
const ownProvider = 'kolben';

/** Hands examples on and counts whose answers they hold. */
export class TeacherCount {
  readonly #calls = new Map<string, { provider: string | null; model: string | null; calls: number }>();

  /**
   * @throws KolbenError (`examples_of_student`) where an answer was given by a student: learning from it would make its
   * errors the measure of all later students
   */
  async *counting(examples: AsyncIterable<Example> | Iterable<Example>): AsyncGenerator<Example> {
    for await (const example of examples) {
      if (example.answer !== undefined) this.#count(example);
      yield example;
    }
  }

  #count(example: Example): void {
    const { provider, model } = teacherOf(example);
    if (example.extra.answeredBy === 'student' || provider === ownProvider)
      throw new KolbenError(
        'examples_of_student',
        `${example.id === undefined ? 'An example' : `The example ${JSON.stringify(example.id)}`} holds the answer of a student, not of a teacher: leave such examples out, or mark them "unlabelled" and have a teacher answer them.`,
      );
    const key = JSON.stringify([provider, model]);
    const known = this.#calls.get(key);
    if (known) known.calls++;
    else this.#calls.set(key, { provider, model, calls: 1 });
  }

  /** Of all examples read so far, the most calls first. */
  get teachers(): TeacherCalls[] {
    return [...this.#calls.values()].sort((one, other) => other.calls - one.calls);
  }
}

/** Where no example tells who answered it, and one teacher alone is named, it was that one. */
export function knownTeachers(counted: TeacherCalls[], named: readonly string[] = []): TeacherCalls[] {
  const [only] = named;
  if (named.length !== 1) return counted;
  return counted.map((teacher) =>
    teacher.provider === null
      ? { ...teacherOf({ extra: { teacher: only } }), calls: teacher.calls }
      : teacher,
  );
}

/** `provider/model` of each, as far as it is known. */
export function teacherNames(teachers: readonly TeacherCalls[]): string[] {
  const names = teachers.flatMap(({ provider, model }) =>
    provider === null ? [] : [model === null ? provider : `${provider}/${model}`],
  );
  return [...new Set(names)];
}
