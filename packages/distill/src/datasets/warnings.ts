/**
 * What the user of a dataset should know, each in one sentence.
 *
 * @module
 */
import { isRefusal, labelsOf } from './choose-kind.ts';
import type { Inputs } from './collect-inputs.ts';
import { type Dataset, SPLITS } from './dataset.ts';
import type { GroupFacts } from './deal-places.ts';
import { findDrift, type Repeated } from './find-drift.ts';
import { STRAY } from './settle-answers.ts';

const NAMES_SHOWN = 5;
const NAME_LENGTH = 60;
/** From this share of refusals on they are told of, where they were kept as answers. */
const REFUSALS = 0.02;

interface Made {
  groups: GroupFacts;
  inputs: Inputs;
  canonical: Int32Array;
  names: readonly string[];
  parent: Pick<Dataset, 'labels'> | undefined;
  /** Examples that stayed where the parent had them, away from what they are linked to. */
  drawn: number;
  /** Chosen examples that are taught; random ones that joined them in train; chosen ones that were left out. */
  chosen: { taught: number; joined: number; leftOut: number };
  /** Escalated examples that are taught, and those that were left out. */
  escalated: { taught: number; leftOut: number };
  /** Inputs about whose answer a person decided: taught so, judging by the teacher's answer, left out. */
  decided: { taught: number; judging: number; leftOut: number };
}

export function warningsOf(dataset: Omit<Dataset, 'digest' | 'warnings'>, made: Made): string[] {
  return [
    ...ofAnswers(dataset, made),
    ...ofDrift(made),
    ...(dataset.kind === 'classify' ? ofLabels(dataset, made) : []),
    ...ofGroups(dataset, made),
    ...ofChosen(made),
    ...ofEscalated(made),
    ...ofDecided(made),
  ];
}

function ofAnswers(dataset: Omit<Dataset, 'digest' | 'warnings'>, { inputs }: Made): string[] {
  const { counts, conflicts, kind, multiple } = dataset;
  const warnings: string[] = [];
  if (counts.unlabelled > 0) {
    warnings.push(`${counts.unlabelled} of ${counts.read} examples have no answer and were left out.`);
  }
  if (counts.strays > 0) {
    const what =
      kind === 'extract'
        ? 'no JSON object'
        : multiple
          ? 'no JSON list of labels'
          : 'a refusal, not an answer';
    warnings.push(`${counts.strays} examples were left out because what the teacher said is ${what}.`);
  } else {
    const refusals = inputs.answers.reduce(
      (sum, answer, i) => sum + (isRefusal(answer) ? inputs.answerCounts.get(i) : 0),
      0,
    );
    if (refusals > REFUSALS * (counts.read - counts.unlabelled)) {
      warnings.push(
        `${refusals} of ${counts.read} answers look like refusals, and the student will learn to give them; leave them out if that isn't wanted.`,
      );
    }
  }
  const [first] = conflicts;
  if (first !== undefined) {
    const named = first.answers.map(({ answer, count }) => `${shortened(answer)} (${count})`).join(', ');
    warnings.push(
      `${counts.conflicts} inputs were answered in different ways, for instance as ${named}; the majority's answer was kept, and where there was none the input was left out.`,
    );
  }
  return warnings;
}

/** A teacher that changed its mind: see `findDrift`. */
function ofDrift({ inputs, canonical, names }: Made): string[] {
  const repeated: (Repeated & { old?: number; now?: number })[] = [];
  for (let index = 0; index < inputs.size; index++) {
    const only = inputs.onlyAnswer(index);
    const [from, to] = [inputs.time(index), inputs.lastTime(index)];
    if (Number.isNaN(from) || Number.isNaN(to) || from === to) continue;
    if (only !== -1) {
      if (canonical[only] !== STRAY) repeated.push({ from, to, changed: false });
      continue;
    }
    const tallies = inputs
      .tallies(index)
      .map(({ answer, first, last }) => ({ answer: canonical[answer]!, first, last }))
      .filter(({ answer }) => answer !== STRAY)
      .sort((a, b) => a.first - b.first || a.last - b.last);
    const distinct = new Set(tallies.map(({ answer }) => answer)).size;
    const [old, now] = tallies;
    if (old === undefined) continue;
    if (distinct === 1) repeated.push({ from, to, changed: false });
    else if (tallies.length === 2 && old.last < now!.first) {
      repeated.push({ from: old.last, to: now!.first, changed: true, old: old.answer, now: now!.answer });
    }
  }
  const drift = findDrift(repeated);
  if (!drift) return [];
  const [after, before] = [drift.after.getTime(), drift.before.getTime()];
  const moves = new Map<string, number>();
  for (const { from, to, changed, old, now } of repeated) {
    if (!changed || from > after || to < before) continue;
    const move = `from ${shortened(names[old!]!)} to ${shortened(names[now!]!)}`;
    moves.set(move, (moves.get(move) ?? 0) + 1);
  }
  const [commonest] = [...moves].sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1));
  return [
    `The teacher seems to have changed its mind about ${day(drift.before)}: of ${drift.asked} inputs asked before and after, ${drift.changed} were answered differently (most often ${commonest![0]}), elsewhere ${(100 * drift.elsewhere).toFixed(1)} %; the majority's answer was kept, so if the newer ones are right, make the dataset of examples since then.`,
  ];
}

function ofLabels(dataset: Omit<Dataset, 'digest' | 'warnings'>, { groups, parent }: Made): string[] {
  const { labels, splits, splitBy, multiple } = dataset;
  const warnings: string[] = [];
  const lone = labels.filter((label) => groups.groupsOf.get(label) === 1);
  if (lone.length > 0 && splitBy === 'random') {
    warnings.push(
      `${lone.length} labels occur only once (or only among near duplicates), so they are in train alone and no figure counts them: ${namesOf(lone)}.`,
    );
  }
  const known = new Set(labels);
  const unknown = new Set<string>();
  let untaught = 0;
  for (const split of SPLITS) {
    for (const { answer } of splits[split]) {
      const missing = labelsOf(answer, multiple).filter((label) => !known.has(label));
      for (const label of missing) unknown.add(label);
      if (missing.length > 0) untaught++;
    }
  }
  if (unknown.size > 0) {
    const where = splitBy === 'time' ? 'only in newer examples than those of train' : 'outside of train only';
    warnings.push(
      `${unknown.size} labels occur ${where}, so the student cannot give them and disagrees in ${untaught} examples: ${namesOf([...unknown].sort())}.`,
    );
  }
  if (parent) {
    const before = new Set(parent.labels);
    const added = labels.filter((label) => !before.has(label));
    if (added.length > 0) {
      warnings.push(
        `${added.length} labels are new since the parent, so students of the two don't answer the same question: ${namesOf(added)}.`,
      );
    }
    const gone = parent.labels.filter((label) => !known.has(label));
    if (gone.length > 0) {
      warnings.push(`${gone.length} labels of the parent occur in train no more: ${namesOf(gone)}.`);
    }
  }
  return warnings;
}

function ofGroups({ counts }: Omit<Dataset, 'digest' | 'warnings'>, { groups, drawn }: Made): string[] {
  const warnings: string[] = [];
  const { largest } = groups;
  if (largest > counts.n / 10) {
    warnings.push(
      `${largest} of ${counts.n} examples hang together as near duplicates or through shared conversations and had to stay in one split.`,
    );
  }
  if (drawn > 0) {
    warnings.push(
      `${drawn} examples of the parent stay in their splits although new ones link them to another split.`,
    );
  }
  return warnings;
}

function ofChosen({ chosen: { taught, joined, leftOut } }: Made): string[] {
  const warnings: string[] = [];
  if (joined > 0) {
    warnings.push(
      `${joined} examples drawn at random are nearly the same as some of the ${taught} chosen ones, or of one conversation with them, and went to train with them; what is certified is about calls unlike the chosen ones.`,
    );
  }
  if (leftOut > 0) {
    warnings.push(
      `${leftOut} chosen examples were left out because examples by which the parent judges are nearly the same or of the same conversation.`,
    );
  }
  return warnings;
}

function ofEscalated({ escalated: { taught, leftOut } }: Made): string[] {
  if (leftOut === 0) return [];
  return [
    `${leftOut} of ${taught + leftOut} calls that a student had left to the teacher were not taught, because calls that judge are nearly the same or of the same conversation.`,
  ];
}

function ofDecided({ decided: { taught, judging, leftOut } }: Made): string[] {
  if (taught + judging + leftOut === 0) return [];
  const left = leftOut === 0 ? '' : ` ${leftOut} were not taught, since nobody could tell the right answer.`;
  return [
    `${taught} inputs are taught with the answer that people decided is right; ${judging} others of which they decided judge the student, by what the teacher said.${left}`,
  ];
}

function namesOf(labels: readonly string[]): string {
  const shown = labels.slice(0, NAMES_SHOWN).map(shortened).join(', ');
  return labels.length > NAMES_SHOWN ? `${shown} and ${labels.length - NAMES_SHOWN} more` : shown;
}

function shortened(answer: string): string {
  const characters = Array.from(answer.slice(0, 2 * NAME_LENGTH));
  return characters.length > NAME_LENGTH ? `${characters.slice(0, NAME_LENGTH).join('')}…` : answer;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
