/**
 * What a student's folder tells of it: its certificate, what its calibration looked like, and its risk–coverage curve.
 *
 * To read a folder is to read its whole model through, so what was read is kept until the folder is another one.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readScores, readStudentFolder, riskCoverage, type StudentContents } from '@kolben/distill';

export interface FolderFacts {
  digest: string;
  certificate: StudentContents['certificate'];
  /** What the calibration split looked like; undefined: the folder doesn't tell. */
  calibrated: StudentContents['measurements']['calibrated'];
  /** Thinned; empty where no scores were kept. */
  curve: { threshold: number; coverage: number; disagreement: number }[];
  /** Where on the curve the certificate's threshold lies; null without one of them. */
  certified: { coverage: number; disagreement: number } | null;
}

const curvePoints = 200;
const mostKept = 100;

export class KnownFacts {
  readonly #kept = new Map<string, { stamp: string; facts: Promise<FolderFacts | undefined> }>();

  /** Undefined where the folder can't be read, or is none. */
  async get(directory: string): Promise<FolderFacts | undefined> {
    const folder = resolve(directory);
    const stamp = await stampOf(folder);
    const kept = this.#kept.get(folder);
    if (kept?.stamp === stamp) return kept.facts;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const facts = readFacts(folder).catch(() => undefined);
    this.#kept.set(folder, { stamp, facts });
    return facts;
  }
}

/** Of the files that tell whether a folder is another one: writing a student ends with its manifest. */
async function stampOf(folder: string): Promise<string> {
  const stamps = ['kolben.json', 'scores.json'].map((name) =>
    stat(join(folder, name)).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => 'none',
    ),
  );
  return (await Promise.all(stamps)).join(', ');
}

async function readFacts(folder: string): Promise<FolderFacts> {
  const { digest, certificate, measurements } = await readStudentFolder(folder);
  const scores = await readScores(folder).catch(() => undefined);
  const curve = scores
    ? riskCoverage(scores.calibration.map(({ score, correct }) => ({ confidence: score, agrees: correct })))
    : [];
  const at = certificate && curve.findLast(({ threshold }) => threshold >= certificate.threshold);
  const every = Math.ceil(curve.length / curvePoints);
  return {
    ...{ digest, certificate, calibrated: measurements.calibrated },
    curve: curve.filter((_, i) => i === curve.length - 1 || i % every === 0),
    certified: at ? { coverage: at.coverage, disagreement: at.disagreement } : null,
  };
}
