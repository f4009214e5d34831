/**
 * From labelled texts to an extraction that can be taught: answers read as JSON, checked against the schema or the
 * schema inferred from them, the plan made. Says in sentences what doesn't fit.
 *
 * @module
 */
import { type Analysis, analyse, type ExtractExample } from './analyse.ts';
import { ExtractError } from './extract-error.ts';
import { isJsonObject, type Json, type JsonObject, parseAnswer } from './json.ts';
import { inferSchema, isEnumAt, type SchemaProblem, schemaCheck } from './schema.ts';
import { wordsOf } from './words.ts';

export interface TextWithAnswer {
  readonly text: string;
  readonly answer: string;
}

export interface Extraction {
  readonly schema: JsonObject;
  readonly analysis: Analysis;
  /** Those that could be read, as `analysis.encoded` numbers them. */
  readonly examples: readonly ExtractExample[];
  /** Of each of them its place among the examples that were given. */
  readonly indices: readonly number[];
  /** What the user should know, each one sentence. */
  readonly warnings: readonly string[];
}

export interface PrepareOptions {
  /** The user's, of the answers; without one it is inferred. */
  readonly schema?: JsonObject | undefined;
  /** Words and bytes of a text that are read. */
  readonly maxWords: number;
  readonly byteLimit: number;
}

/** From this share of answers on that don't fit, there is nothing to be taught. */
const mostStrange = 0.1;
/** From this share of answers on that are neither found in their texts nor chosen from a list. */
const mostInexpressible = 0.5;
/** Fewer are not worth a warning. */
const fewInexpressible = 0.01;

/**
 * @throws ExtractError (`extract_not_json`, `extract_schema`, `extract_schema_mismatch`, `extract_inexpressible`): names
 * path, what was expected, what was found, how often, and the way out
 */
export function prepareExtraction(
  given: readonly TextWithAnswer[],
  { schema, maxWords, byteLimit }: PrepareOptions,
): Extraction {
  const warnings: string[] = [];
  const share = (count: number) => `${count} of ${given.length} answers`;
  const parsed = given.map(({ answer }) => parseAnswer(answer));
  const strange = given.filter((_, i) => !isJsonObject(parsed[i]) && !Array.isArray(parsed[i]));
  if (strange.length > 0) {
    const facts = `${share(strange.length)} are no JSON objects, for instance ${quote(strange[0].answer)}`;
    if (strange.length > mostStrange * given.length)
      throw new ExtractError(
        'extract_not_json',
        `${facts}; have the teacher answer in JSON alone, or choose another kind of task.`,
      );
    warnings.push(`${facts}; they teach nothing.`);
  }

  const check = schema && schemaCheck(schema);
  const problems = new Map<string, { problem: SchemaProblem; count: number }>();
  const fits = parsed.map((value) => {
    if (value === undefined || !(isJsonObject(value) || Array.isArray(value))) return false;
    const problem = check?.(value);
    if (!problem) return true;
    const key = `${problem.path} ${problem.expected}`;
    problems.set(key, { problem, count: (problems.get(key)?.count ?? 0) + 1 });
    return false;
  });
  if (problems.size > 0) {
    const [{ problem, count }] = [...problems.values()].sort((a, b) => b.count - a.count);
    const all = [...problems.values()].reduce((sum, one) => sum + one.count, 0);
    const place = problem.path === '' ? 'at the top' : `at ${problem.path}`;
    const facts = `${share(all)} don't keep to the schema: ${place} it expects ${problem.expected}, and ${count} have something else, for instance ${problem.found}`;
    if (all > mostStrange * given.length)
      throw new ExtractError(
        'extract_schema_mismatch',
        `${facts}; correct the schema, or leave it out and let it be inferred.`,
      );
    warnings.push(`${facts}; they teach nothing.`);
  }

  const indices = given.flatMap((_, i) => (fits[i] ? [i] : []));
  if (indices.length === 0)
    throw new ExtractError(
      'extract_not_json',
      'There are no answers in JSON to learn from; record more calls.',
    );
  const examples = indices.map((i): ExtractExample => {
    const { text } = given[i];
    return { text, words: wordsOf(text, byteLimit).slice(0, maxWords), answer: parsed[i] as Json };
  });
  const analysis = analyse(examples, { isEnum: (path) => schema !== undefined && isEnumAt(schema, path) });
  warnings.push(...inexpressibleWarnings(analysis, examples.length));
  if (analysis.plan.labels.length + analysis.plan.choices.length === 0)
    throw new ExtractError(
      'extract_one_answer',
      `All ${examples.length} examples have the same answer, so there is nothing to extract; add examples with other answers.`,
    );
  const choices = new Set(analysis.plan.choices.map(({ path }) => path));
  return {
    schema:
      schema ??
      inferSchema(
        examples.map(({ answer }) => answer),
        (path) => choices.has(path),
      ),
    analysis,
    examples,
    indices,
    warnings,
  };
}

function inexpressibleWarnings({ encoded, inexpressible }: Analysis, all: number): string[] {
  const count = encoded.filter((one) => one === undefined).length;
  if (count <= fewInexpressible * all) return [];
  const [worst] = inexpressible;
  const [example] = worst.examples;
  const place = worst.path === '' ? 'the answer as a whole' : worst.path;
  const facts = `${count} of ${all} answers hold values that are neither words of the text nor of a closed list, most often ${place} (${worst.count}), for instance ${example.value} for ${quote(example.text)}`;
  if (count > mostInexpressible * all)
    throw new ExtractError(
      'extract_inexpressible',
      `${facts}; have the teacher copy such values from the text, leave them out of the answers, or choose the kind generate.`,
    );
  return [`${facts}; the student cannot give these.`];
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
