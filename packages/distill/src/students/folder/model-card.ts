/**
 * README.md: what a person should know before relying on the student. Says what was counted and measured, never a
 * text it was trained on.
 *
 * @module
 */

import { usageScript } from '../words-and-bag/usage-script.ts';
import { configName, manifestName, onnxName, tokenizerName, weightsName } from './file-names.ts';
import type { StudentContents } from './student-contents.ts';

export function modelCard(contents: StudentContents, digest: string): string {
  const sections = [
    frontMatter(contents),
    summary(contents, digest),
    labels(contents),
    trust(contents),
    measured(contents),
    trainedOn(contents),
    limits(contents),
    usage(contents),
  ];
  return `${sections.join('\n\n')}\n`;
}

function frontMatter({ task, measurements: { test } }: StudentContents): string {
  // JSON's strings are YAML's as well.
  const text = (value: string) => JSON.stringify(value);
  const result =
    test.n > 0 && test.agreement !== null
      ? `
model-index:
  - name: ${text(task.name)}
    results:
      - task:
          type: text-classification
        dataset:
          type: ${text(task.name)}
          name: ${text(`${task.name}, test split`)}
        metrics:
          - type: accuracy
            name: Agreement with the teacher
            value: ${test.agreement}`
      : '';
  return `---
pipeline_tag: text-classification
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

A student: a small model for one narrow job. It reads a text and answers with one of ${number(task.labels.length)} labels, as its teacher${teachers} would. Made by Kolben ${plain(lineage.kolben)} on ${lineage.created.slice(0, 10)}; its digest is \`${digest}\`.`;
}

function labels({ task }: StudentContents): string {
  return `## Labels

${task.labels.map(code).join(', ')}`;
}

function trust({ certificate, reason, task }: StudentContents): string {
  const elsewhere = `- It will not tell that a text belongs to none of its labels: it then answers with one of these ${number(task.labels.length)}, and may be sure of it.`;
  if (!certificate)
    return `## How far it can be trusted

**It has no certificate.** ${plain(reason ?? 'Nobody has asked for one.')}

Use it where a wrong answer does no harm, or beside the teacher. Also:

${elsewhere}`;
  const { alpha, delta, threshold, coverage, coverageInterval, disagreementUpperBound, n } = certificate;
  return `## How far it can be trusted

**Where its confidence is ${threshold.toFixed(4)} or more, it disagrees with its teacher in at most ${percent(alpha)} of cases.** The procedure behind that statement fails in at most ${percent(delta)} of the draws of examples it could have been given. (The exact threshold is in \`${manifestName}\`.)

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
| this student | ${percent(test.agreement)} |
| a linear model over n-grams | ${percent(baselines.ngramLinear)} |
| always the commonest label | ${percent(baselines.majority)} |`
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

function limits({ shape }: StudentContents): string {
  return `## Limits

- It reads the first ${number(shape.byteLimit)} bytes of a text (as UTF-8, after normalisation), of these the first ${number(shape.maxWords)} words in their order and all words as a bag. What comes later does not count.
- Capital letters, typographic quotes and invisible characters make no difference to it.
- It was trained from nothing on the examples above. What words mean it knows from there alone, and a word it has never seen only by its spelling.
- It keeps nothing of what it reads: the same text gets the same answer.`;
}

function usage({ shape }: StudentContents): string {
  return `## Use without Kolben

Any ONNX Runtime runs \`${onnxName}\`: input \`input_ids\` (texts × bytes, 64-bit integers, 0 after the end of shorter texts), output \`logits\` (texts × labels), whose softmax is the confidence. \`${tokenizerName}\` turns a text into those bytes in every reader of that format; cut them after ${number(shape.byteLimit)}. The names of the labels are in \`${configName}\`, and \`${weightsName}\` holds the same numbers for other frameworks.

With Node 20 or newer: \`npm install onnxruntime-node@1.24.3 @huggingface/tokenizers@0.2.0\`, save this as \`answer.mjs\` outside of this folder, and run \`node answer.mjs <this folder> "a text" "another text"\`.

\`\`\`js
${usageScript}\`\`\``;
}

const number = (value: number | null) => (value === null ? '–' : value.toLocaleString('en-US'));

const percent = (share: number | null) =>
  share === null ? '–' : `${(100 * share).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;

function duration(seconds: number | null): string {
  if (seconds === null) return 'a time that was not measured';
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

const list = (items: readonly string[]) => new Intl.ListFormat('en-GB').format(items);

/** Somebody else's words on one line, without meaning in Markdown or HTML. */
const plain = (text: string) => oneLine(text).replace(/[\\`*_{}[\]<>#|&~$]/g, '\\$&');

/** The same as code; a fence longer than any in it. */
function code(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || line === '' ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
