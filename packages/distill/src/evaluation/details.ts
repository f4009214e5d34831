/**
 * What an evaluation tells beyond its figures: at which confidence how much disagreement, how honest the confidence is,
 * where student and teacher part, and whether the inputs have changed.
 *
 * @module
 */
import { calibrationError, type ReliabilityBin, reliabilityBins } from '../certificates/calibration-error.ts';
import type { TaskKind } from '../students/task.ts';
import { type Drift, driftOf, type Reference, referenceOf } from './drift.ts';

/** One example, answered. */
export interface Judged {
  readonly text: string;
  readonly teacher: string;
  readonly student: string;
  /** In [0, 1]. */
  readonly confidence: number;
  readonly certified: boolean;
  readonly agrees: boolean;
}

export interface RiskPoint {
  /** The lowest confidence that is answered. */
  readonly threshold: number;
  /** Share of the examples that are. */
  readonly coverage: number;
  /** Share of these on which student and teacher disagree. */
  readonly disagreement: number;
}

export interface EvalDetails {
  /** From the surest answers alone to all of them. */
  readonly riskCoverage: readonly RiskPoint[];
  /** Mean disagreement over all coverages, in [0, 1]: the area under that curve (Geifman et al., arXiv 1805.08206). */
  readonly riskArea: number;
  readonly reliability: readonly ReliabilityBin[];
  /** Expected calibration error over those bins. */
  readonly calibrationError: number;
  /** For `classify`: the most frequent mix-ups, and the labels of the teacher that are met worst. */
  readonly confused:
    | readonly { readonly teacher: string; readonly student: string; readonly n: number }[]
    | null;
  readonly labels:
    | readonly { readonly label: string; readonly n: number; readonly agreement: number }[]
    | null;
  /** For JSON answers, by path (`items[].price`): how often the values there are the same. */
  readonly paths: readonly { readonly path: string; readonly n: number; readonly agreement: number }[] | null;
  readonly disagreements: number;
  /** Those in which the student was surest. */
  readonly surest: readonly Judged[];
  /** Null where the student's folder tells nothing of its test split. */
  readonly drift: Drift | null;
}

const reliabilitySteps = 10;
const mostPoints = 200;
const mostPairs = 20;
const mostLabels = 15;
const mostSurest = 25;

export function evalDetails(
  judged: readonly Judged[],
  {
    kind,
    reference,
    unknownWords,
  }: { kind: TaskKind; reference: Reference | undefined; unknownWords: number | null },
): EvalDetails {
  const scored = judged.map(({ confidence, agrees }) => ({ score: confidence, correct: agrees }));
  const curve = riskCoverage(judged);
  const apart = judged.filter(({ agrees }) => !agrees);
  return {
    riskCoverage: thin(curve),
    riskArea: curve.reduce(
      (sum, { coverage, disagreement }, i) => sum + (coverage - (curve[i - 1]?.coverage ?? 0)) * disagreement,
      0,
    ),
    reliability: reliabilityBins(scored, reliabilitySteps),
    calibrationError: calibrationError(scored, reliabilitySteps),
    confused: kind === 'classify' ? confusedPairs(apart) : null,
    labels: kind === 'classify' ? worstLabels(judged) : null,
    paths: kind === 'classify' ? null : pathAgreement(judged),
    disagreements: apart.length,
    surest: [...apart].sort((one, other) => other.confidence - one.confidence).slice(0, mostSurest),
    drift: reference
      ? driftOf(
          reference,
          referenceOf(
            judged.map(({ student, confidence }) => ({ answer: student, confidence })),
            unknownWords,
            kind === 'classify',
          ),
        )
      : null,
  };
}

/** One point for each confidence that occurs, the highest first. */
export function riskCoverage(judged: readonly Pick<Judged, 'confidence' | 'agrees'>[]): RiskPoint[] {
  const sorted = [...judged].sort((one, other) => other.confidence - one.confidence);
  const points: RiskPoint[] = [];
  let wrong = 0;
  sorted.forEach(({ confidence, agrees }, i) => {
    if (!agrees) wrong++;
    if (sorted[i + 1]?.confidence === confidence) return;
    points.push({
      threshold: confidence,
      coverage: (i + 1) / sorted.length,
      disagreement: wrong / (i + 1),
    });
  });
  return points;
}

function thin(points: readonly RiskPoint[]): RiskPoint[] {
  if (points.length <= mostPoints) return [...points];
  return Array.from(
    { length: mostPoints },
    (_, i) => points[Math.round((i * (points.length - 1)) / (mostPoints - 1))],
  );
}

function confusedPairs(apart: readonly Judged[]): { teacher: string; student: string; n: number }[] {
  const pairs = new Map<string, { teacher: string; student: string; n: number }>();
  for (const { teacher, student } of apart) {
    const key = JSON.stringify([teacher, student]);
    const pair = pairs.get(key);
    if (pair) pair.n++;
    else pairs.set(key, { teacher, student, n: 1 });
  }
  return [...pairs.entries()]
    .sort(([one, a], [other, b]) => b.n - a.n || (one < other ? -1 : 1))
    .slice(0, mostPairs)
    .map(([, pair]) => pair);
}

function worstLabels(judged: readonly Judged[]): { label: string; n: number; agreement: number }[] {
  const labels = new Map<string, { n: number; agreed: number }>();
  for (const { teacher, agrees } of judged) {
    const label = labels.get(teacher) ?? { n: 0, agreed: 0 };
    label.n++;
    if (agrees) label.agreed++;
    labels.set(teacher, label);
  }
  return (
    [...labels]
      .map(([label, { n, agreed }]) => ({ label, n, agreement: agreed / n }))
      .filter(({ agreement }) => agreement < 1)
      // By how many disagreements they stand for, so that one rare label in which one example is wrong isn't the worst.
      .sort((a, b) => b.n * (1 - b.agreement) - a.n * (1 - a.agreement) || (a.label < b.label ? -1 : 1))
      .slice(0, mostLabels)
      // Of these the worst first.
      .sort((a, b) => a.agreement - b.agreement || b.n - a.n || (a.label < b.label ? -1 : 1))
  );
}

/** Null where no pair of answers is JSON with members. */
function pathAgreement(judged: readonly Judged[]): { path: string; n: number; agreement: number }[] | null {
  const paths = new Map<string, { n: number; agreed: number }>();
  for (const { teacher, student } of judged) {
    const wanted = leavesOf(teacher);
    if (wanted === undefined) continue;
    const given = leavesOf(student) ?? new Map<string, string>();
    for (const path of new Set([...wanted.keys(), ...given.keys()])) {
      const sum = paths.get(path) ?? { n: 0, agreed: 0 };
      sum.n++;
      if (wanted.get(path) === given.get(path)) sum.agreed++;
      paths.set(path, sum);
    }
  }
  if (paths.size === 0) return null;
  return [...paths]
    .map(([path, { n, agreed }]) => ({ path, n, agreement: agreed / n }))
    .sort((a, b) => a.agreement - b.agreement || (a.path < b.path ? -1 : 1));
}

/** All values of one path together, as JSON; undefined for what is no object or list. */
function leavesOf(answer: string): Map<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const found = new Map<string, unknown[]>();
  const walk = (one: unknown, path: string) => {
    if (Array.isArray(one)) for (const member of one) walk(member, `${path}[]`);
    else if (typeof one === 'object' && one !== null)
      for (const [name, member] of Object.entries(one)) walk(member, path === '' ? name : `${path}.${name}`);
    else found.set(path, [...(found.get(path) ?? []), one]);
  };
  walk(value, '');
  return new Map([...found].map(([path, values]) => [path, JSON.stringify(values)]));
}
