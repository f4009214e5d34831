/**
 * The task that a dataset describes.
 *
 * @module
 */
import type { Dataset, DatasetCounts } from './datasets/dataset.ts';
import { DistillError, type DistillOptions } from './distill-options.ts';
import type { NamelessTask } from './distill-report.ts';
import type { Equality } from './equality/equality.ts';
import type { JsonObject } from './extract/json.ts';
import { prepareExtraction } from './extract/prepare-extraction.ts';
import { equalityName } from './students/answers-equal.ts';
import { taggerRecipe } from './students/tagger/recipe.ts';
import type { ExtractTask, GenerateTask, StudentTask } from './students/task.ts';

type WrittenOptions = Pick<DistillOptions, 'schema' | 'equality' | 'teacherLogits'>;

/** Of written answers. */
export const defaultEquality: Equality = 'normalised';

/**
 * The task that a dataset describes, and what the user should know of it.
 *
 * @throws ExtractError where the answers are not those of an extraction or of its schema
 */
export function taskOf(
  name: string,
  { kind, labels, multiple, splits }: Dataset,
  { schema, equality = defaultEquality, teacherLogits, equality: given }: WrittenOptions,
): { studentTask: StudentTask; warnings: readonly string[] } {
  const foreign =
    schema !== undefined && kind === 'classify'
      ? 'A schema'
      : given !== undefined && kind !== 'generate'
        ? 'An equality'
        : teacherLogits !== undefined && kind !== 'generate'
          ? 'A teacher of distributions'
          : undefined;
  if (foreign)
    throw new DistillError(
      'distill_option',
      `${foreign} was given, and the answers are to ${kind}; leave it out, or give --kind ${foreign === 'A schema' ? 'extract or generate' : 'generate'}.`,
    );
  if (kind === 'classify') return { studentTask: { name, kind, labels, multiple }, warnings: [] };
  // A plain copy: what JSON holds, and nothing else.
  const plain = (value: JsonObject) => JSON.parse(JSON.stringify(value)) as ExtractTask['schema'];
  if (kind === 'generate') {
    const task: GenerateTask = { name, kind, equality: equalityName(equality) };
    return {
      studentTask: schema === undefined ? task : { ...task, schema: plain(schema) },
      warnings: [],
    };
  }
  const { maxWords, byteLimit } = taggerRecipe;
  const extraction = prepareExtraction(splits.train, { schema, maxWords, byteLimit });
  return { studentTask: { name, kind, schema: plain(extraction.schema) }, warnings: extraction.warnings };
}

export function withoutName({ name: _name, ...task }: StudentTask): NamelessTask {
  return task;
}

export function datasetNote(task: StudentTask, { n }: DatasetCounts): string {
  const examples = `${n.toLocaleString('en')} examples`;
  return task.kind === 'classify' ? `${examples} of ${task.labels.length} labels` : examples;
}

/** @throws DistillError where a frozen dataset's answers are of another kind than the one asked for */
export function ofKind(dataset: Dataset, kind: StudentTask['kind'] | undefined): Dataset {
  if (kind === undefined || kind === dataset.kind) return dataset;
  throw new DistillError(
    'distill_option',
    `The kind ${kind} was given, and the dataset was frozen to ${dataset.kind}; leave it out, or freeze the examples anew.`,
  );
}
