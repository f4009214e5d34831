/**
 * README.md: what a person should know before relying on the student. Says what was counted and measured, never a
 * text it was trained on.
 *
 * @module
 */

import type { FamilyCard } from '../family.ts';
import type { StudentTask } from '../task.ts';
import { deployment } from './deployment.ts';
import { manifestName, quantisedName } from './file-names.ts';
import type { StudentContents } from './student-contents.ts';
import { code, duration, list, number, percent, plain } from './words.ts';

/** @param card what the model's family says of it */
export function modelCard(contents: StudentContents, card: FamilyCard, digest: string): string {
  const sections = [
    frontMatter(contents, card),
    summary(contents, digest),
    answers(contents),
    trust(contents),
    measured(contents),
    trainedOn(contents),
    ...standsOn(contents),
    deployment(contents),
    limits(card),
    usage(card),
  ];
  return `${sections.join('\n\n')}\n`;
}

function frontMatter(
  { task, measurements: { test }, lineage }: StudentContents,
  { pipelineTag }: FamilyCard,
): string {
  // JSON's strings are YAML's as well.
  const text = (value: string) => JSON.stringify(value);
  // A folder's name is no model that the hub could link to.
  const base = lineage.base?.revision ? `\nbase_model: ${text(lineage.base.id)}` : '';
  const result =
    test.n > 0 && test.agreement !== null
      ? `
model-index:
  - name: ${text(task.name)}
    results:
      - task:
          type: ${pipelineTag}
        dataset:
          type: ${text(task.name)}
          name: ${text(`${task.name}, test split`)}
        metrics:
          - type: accuracy
            name: Agreement with the teacher
            value: ${test.agreement}`
      : '';
  return `---${base}
pipeline_tag: ${pipelineTag}
library_name: onnx
tags:
  - kolben
  - onnx
  - distillation${result}
---`;
}

function summary({ task, lineage }: StudentContents, digest: string): string {
  const teachers = lineage.teachers.length > 0 ? `, ${list(lineage.teachers.map(code))},` : '';
  return `# ${plain(task.name)}

A student: a small model for one narrow job. It reads a text and answers with ${kindOfAnswer(task)}, as its teacher${teachers} would. Made by Kolben ${plain(lineage.kolben)} on ${lineage.created.slice(0, 10)}; its digest is \`${digest}\`.`;
}

function kindOfAnswer(task: StudentTask): string {
  switch (task.kind) {
    case 'classify':
      return task.multiple
        ? `those of ${number(task.labels.length)} labels that apply`
        : `one of ${number(task.labels.length)} labels`;
    case 'extract':
      return 'what it found there, as JSON';
    case 'generate':
      return 'a short text';
  }
}

function answers({ task }: StudentContents): string {
  if (task.kind === 'classify')
    return `## Labels

${task.labels.map(code).join(', ')}`;
  const schema =
    task.schema === undefined
      ? ''
      : `

Every answer is valid against this JSON Schema:

\`\`\`json
${JSON.stringify(task.schema, null, 2)}
\`\`\``;
  const equality =
    task.kind === 'extract'
      ? 'Two answers count as the same when their JSON is: same members, same values, in whatever order.'
      : `Two answers count as the same by the rule ${code(task.equality)}.`;
  return `## Answers

${equality}${schema}`;
}

function trust({ certificate, reason, task }: StudentContents): string {
  const elsewhere =
    task.kind === 'classify'
      ? `- It always answers with one of these ${number(task.labels.length)} labels. Where a text belongs to none of them it is seldom sure, but it may be, the more so the more the text resembles theirs.`
      : '- It answers every text, also one that is no case of its task. Of such a one it is seldom sure, but it may be, the more so the more the text resembles those that are.';
  if (!certificate)
    return `## How far it can be trusted

**It has no certificate.** ${plain(reason ?? 'Nobody has asked for one.')}

Use it where a wrong answer does no harm, or beside the teacher. Also:

${elsewhere}`;
  const { alpha, delta, threshold, coverage, coverageInterval, disagreementUpperBound, n } = certificate;
  const chosen = certificate.among
    ? ` The ${percent(alpha)} was chosen from among ${list(certificate.among.map(percent))} when it was known what each would certify; each was tested so strictly that the statements of all of them hold together that often.`
    : '';
  return `## How far it can be trusted

**Where its confidence is ${threshold.toFixed(4)} or more, it disagrees with its teacher in at most ${percent(alpha)} of cases.** The procedure behind that statement fails in at most ${percent(delta)} of the draws of examples it could have been given. (The exact threshold is in \`${manifestName}\`.)${chosen}

It was that sure of ${number(n)} examples kept aside for this, ${percent(coverage)} of them; of calls like these it would answer between ${percent(coverageInterval[0])} and ${percent(coverageInterval[1])}. What it answered there puts its disagreement, with ${percent(1 - delta)} confidence, at ${percent(disagreementUpperBound)} or less.

What this does not promise:

- Below the threshold, nothing. Leave those calls to the teacher.
- Agreement is not truth: where the teacher errs, the student has learned to err with it.
- It holds on average over calls like those it was made from, not for every person, group or label.
- It says nothing about other calls: new subjects, another language, another kind of sender. When they change, measure again.
${elsewhere}`;
}

function measured({
  measurements: { test, baselines, training },
  lineage: { machine },
}: StudentContents): string {
  const rows =
    test.n > 0
      ? `Agreement with the teacher on ${number(test.n)} test examples, which nothing was fitted to:

| | |
| --- | ---: |
| this student | ${percent(test.agreement)} |${
          test.quantised === undefined
            ? ''
            : `
| its quantised copy, \`${quantisedName}\`, whose answers are not certified | ${percent(test.quantised)} |`
        }${
          baselines.ngramLinear === null
            ? ''
            : `
| a linear model over n-grams | ${percent(baselines.ngramLinear)} |`
        }
| always the commonest answer | ${percent(baselines.majority)} |`
      : 'There were no test examples.';
  const chips = training.chips === 1 ? 'one chip' : `${number(training.chips)} chips`;
  return `## Measured

${rows}

Trained in ${duration(training.seconds)} on ${chips} (${plain(machine.cpu)}, ${number(machine.cores)} cores): ${number(training.steps)} steps, ${number(training.tokens)} words.`;
}

function trainedOn({ lineage: { dataset, source, teachers, recipe, seed } }: StudentContents): string {
  const from = source === null ? '' : ` from ${code(source)}`;
  const teacher = teachers.length > 0 ? list(teachers.map(code)) : 'not known';
  const split =
    dataset.splitBy === 'time' ? 'the oldest for training, the newest for the rest' : 'drawn at random';
  return `## Trained on

${number(dataset.n)} examples${from}, after removing ${number(dataset.duplicatesRemoved)} duplicates; ${number(dataset.conflicts)} inputs had been answered in different ways. Whose answers: ${teacher}. The texts themselves are not in this folder.

| split (${split}) | examples | used to |
| --- | ---: | --- |
| train | ${number(dataset.train)} | learn |
| validation | ${number(dataset.validation)} | watch the training |
| tune | ${number(dataset.tune)} | fit the confidence and choose thresholds |
| calibration | ${number(dataset.calibration)} | certify |
| test | ${number(dataset.test)} | measure |

Dataset ${code(dataset.digest)}, recipe ${code(recipe.name)}, seed ${seed}. Everything else that is known of its making is in \`${manifestName}\`.`;
}

/** Of students that stand on an open model. */
function standsOn({ lineage: { base } }: StudentContents): string[] {
  if (!base) return [];
  const { licence } = base;
  const where = base.revision === null ? '' : ` at revision ${code(base.revision)}`;
  const link = licence?.link === undefined ? '' : ` (${code(licence.link)})`;
  const terms = licence
    ? `It states the licence ${code(licence.name)}${link}, whose terms apply to this student as well.`
    : 'It states no licence; ask whoever made it what may be done with what stands on it.';
  return [
    `## Stands on

The open model ${code(base.id)}${where}, digest ${code(base.digest)}. What that model learnt, its faults among it, this one has in part too. ${terms}`,
  ];
}

function limits({ limits }: FamilyCard): string {
  return `## Limits

${[...limits, 'It keeps nothing of what it reads: the same text gets the same answer.'].map((line) => `- ${line}`).join('\n')}`;
}

function usage({ usage }: FamilyCard): string {
  return `## Use without Kolben

${usage}`;
}
