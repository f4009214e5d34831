/**
 * The part of a model card for whoever puts the student to use: what European law will have them ask, and what of it is
 * known. What isn't known is marked as theirs to fill in; nothing is guessed.
 *
 * It follows Regulation (EU) 2024/1689 (the AI Act: Articles 4, 26 and 50, Annex III) and Regulation (EU) 2016/679 (the
 * GDPR: Articles 5, 6, 13, 14, 22 and 35), and is no legal advice.
 *
 * @module
 */
import type { StudentTask } from '../task.ts';
import type { StudentContents } from './student-contents.ts';
import { code, duration, list, number, percent, plain } from './words.ts';

/** What only whoever uses the student can say. */
export const toFill = (what: string) => `**[To be filled in: ${what}]**`;

export function deployment(contents: StudentContents): string {
  return [
    use(contents),
    data(contents),
    terms(contents),
    oversight(contents),
    compute(contents),
    duties(contents),
  ].join('\n\n');
}

const jobs: Readonly<Record<StudentTask['kind'], string>> = {
  classify: 'to sort texts of this one task into the labels above',
  extract: 'to find in texts of this one task the values that the schema above names',
  generate: 'to write the short answers that this one task asks for',
};

function use({ task, lineage: { purpose, contact } }: StudentContents): string {
  return `## Use

- **Purpose:** ${purpose === undefined ? toFill('what it is used for, by whom, and for whose good') : plain(purpose)}
- **Intended:** ${jobs[task.kind]}, from the same senders and in the same languages as the examples it was made from.
- **Not intended:** any other task; texts of another origin or language; decisions about people that nobody looks at (Article 22 of the GDPR); and the uses of Annex III of the AI Act, such as choosing among applicants, rating credit, education, or access to public services, which ask for far more than this card.
- **Languages:** ${toFill('the languages of the texts; they were not recorded')}
- **Contact:** ${contact === undefined ? toFill('who answers for it, and how to reach them') : plain(contact)}`;
}

function data({ lineage: { source, span, dataset, base } }: StudentContents): string {
  const when =
    span === undefined
      ? 'Not every example tells when it was answered.'
      : `Answered between ${span[0].slice(0, 10)} and ${span[1].slice(0, 10)}.`;
  const redacted =
    typeof dataset.redacted === 'number'
      ? `Personal data that can be told by its form (mail addresses, phone numbers, IBANs, card and identity numbers) was taken out of ${number(dataset.redacted)} of the inputs. Names and other free text may remain.`
      : 'Whether personal data was taken out of the texts was not recorded.';
  return `## Data

- **Source:** ${source === null ? 'not recorded' : code(source)}; ${number(dataset.n)} examples, ${number(dataset.train)} of them learned from.
- **Time:** ${when}
- **Personal data:** ${redacted} The lawful basis for learning from these texts: ${toFill('Article 6 of the GDPR, and how the persons were told')}
- **Stands on:** ${base === undefined ? 'no other model; it was trained from nothing.' : `${code(base.id)}${base.revision === null ? '' : ` at ${code(base.revision)}`} (${code(base.digest)}), whose licence applies too.`}`;
}

const verdicts = {
  allowed: 'allowed',
  forbidden: 'forbidden',
  unknown: 'not known',
} as const;

function terms({ lineage: { terms: found } }: StudentContents): string {
  if (found === undefined)
    return `## Terms of the teachers

They were not checked when this student was made. ${toFill('whether those who gave the answers allow such a student')}`;
  const use = found.distribution === 'internal' ? 'for use in the house' : 'to be given to third parties';
  const rows = found.providers.map(({ provider, calls, verdict, clause, url, date, permission }) => {
    const said = [
      clause === undefined ? undefined : `“${plain(clause)}”`,
      url === undefined ? undefined : `<${encodeURI(url)}>`,
      date === undefined ? undefined : `read on ${plain(date)}`,
      permission === undefined
        ? undefined
        : `permission held: ${plain(permission.reference)}, ${plain(permission.date)}`,
    ].filter((part) => part !== undefined);
    return `| ${provider === null ? 'not known' : code(provider)} | ${number(calls)} | ${verdicts[verdict]} | ${said.join('; ') || '–'} |`;
  });
  const again =
    found.distribution === 'internal'
      ? ' Giving it to third parties is another use: `kolben` asks again when it is exported.'
      : '';
  return `## Terms of the teachers

Whether their answers may train such a student, ${use}, as whoever made it found: **${verdicts[found.verdict]}**.${again}

| provider | answers | verdict | terms |
| --- | ---: | --- | --- |
${rows.join('\n')}`;
}

function oversight({ certificate }: StudentContents): string {
  const threshold =
    certificate === null
      ? 'It has no certificate, so a person or the teacher should look at every answer that matters.'
      : `Below a confidence of ${certificate.threshold.toFixed(4)} its answers are not covered by its certificate; leave those to the teacher or to a person.`;
  return `## Human oversight

${threshold} Look at a sample of what it answers, of all calls and not only of the doubtful ones; \`kolben explain\` shows what decided an answer, \`kolben eval --report\` whether the inputs have changed. Take it out of service (\`kolben route <task> teacher\`) when they have.

- **Who looks, how often, and who may stop it:** ${toFill('names or roles')}`;
}

function compute({ measurements: { training }, lineage: { machine } }: StudentContents): string {
  const spent =
    training.seconds === null
      ? 'The time of training was not measured.'
      : `Training took ${duration(training.seconds)} on ${training.chips === 1 ? 'one chip' : `${number(training.chips)} chips`} of ${plain(machine.cpu)}, waiting ${percent(training.bubble)} of it.`;
  return `## Compute and energy

${spent} Energy was not measured.`;
}

function duties({ task }: StudentContents): string {
  const written =
    task.kind === 'generate'
      ? `
- AI Act, Article 50(2) and (4): what it writes is marked so that machines can tell, and texts that inform the public of matters of public interest say that they were made so, unless a person has reviewed them and answers for them. ${toFill('how, or why it does not apply')}`
      : '';
  return `## What the law leaves to whoever puts it to use

This is a model for one narrow task, no general-purpose model. It is no legal advice. For a use in the European Union check at least the following, each in the version in force: words and dates of the AI Act were changed after it was made.

- AI Act, Article 4: what is done so that those who work with it know what it can and cannot do. ${toFill('how')}
- AI Act, Article 6(2) and Annex III: the use is none of those listed there; if it is, Articles 8 to 27 apply. ${toFill('checked by whom, when')}
- AI Act, Article 50(1): people who deal with it directly are told that it is a machine, where that isn't obvious. ${toFill('where')}${written}
- GDPR, Articles 13, 14 and 35: people whose texts it reads are informed, and an impact assessment is made where one is due. ${toFill('where')}
- ${list(['Agreement with the teacher', 'the intervals', 'the certificate'])} above are measured on the maker's data; measure again on your own.`;
}
