/**
 * Which student followed which.
 *
 * @module
 */
import { plain } from '../cli/plain.ts';
import { percent } from '../progress/words.ts';

/** What is known of a student, from its folder or of it. */
export interface KnownStudent {
  readonly digest: string;
  readonly task: string | null;
  readonly directory: string | null;
  readonly parent: string | null;
  /** ISO 8601. */
  readonly created: string | null;
  readonly base: string | null;
  readonly teachers: readonly string[];
  /** Of the providers' terms. */
  readonly terms: string | null;
  readonly dataset: string | null;
  readonly recipe: string | null;
  readonly seed: number | null;
  readonly agreement: number | null;
  readonly certificate: { readonly alpha: number; readonly coverage: number } | null;
  /** Why its folder tells nothing: null where it does. */
  readonly missing: string | null;
}

export interface FamilyTree extends KnownStudent {
  readonly children: readonly FamilyTree[];
}

const unknown = (digest: string, missing: string): KnownStudent => ({
  digest,
  task: null,
  directory: null,
  parent: null,
  created: null,
  base: null,
  teachers: [],
  terms: null,
  dataset: null,
  recipe: null,
  seed: null,
  agreement: null,
  certificate: null,
  missing,
});

/** @throws StudentFolderError when the folder is not a whole student's */
export async function knownStudent(directory: string): Promise<KnownStudent> {
  const { readStudentFolder } = await import('@kolben/distill');
  const { digest, task, lineage, certificate, measurements } = await readStudentFolder(directory);
  return {
    digest,
    task: task.name,
    directory,
    parent: lineage.parent ?? null,
    created: lineage.created,
    base: lineage.base?.id ?? null,
    teachers: lineage.teachers,
    terms: lineage.terms?.verdict ?? null,
    dataset: lineage.dataset.digest,
    recipe: lineage.recipe.name,
    seed: lineage.seed,
    agreement: measurements.test.n > 0 ? measurements.test.agreement : null,
    certificate: certificate && { alpha: certificate.alpha, coverage: certificate.coverage },
    missing: null,
  };
}

/** The same of one that was registered; its folder may be gone, or another one may lie there by now. */
export async function registeredStudent({
  directory,
  digest,
  task,
}: {
  directory: string;
  digest: string;
  task: string;
}): Promise<KnownStudent> {
  const lost = (missing: string) => ({ ...unknown(digest, missing), task, directory });
  try {
    const found = await knownStudent(directory);
    return found.digest === digest ? { ...found, task } : lost('another student lies in its folder');
  } catch (error) {
    const { StudentFolderError } = await import('@kolben/distill');
    if (error instanceof StudentFolderError) return lost('its folder cannot be read');
    throw error;
  }
}

/** Trees by the oldest student of each, children by age; a parent that nobody knows stands above its children. */
export function familyTrees(students: readonly KnownStudent[]): FamilyTree[] {
  const byDigest = new Map(students.map((student) => [student.digest, student]));
  for (const { parent } of students)
    if (parent !== null && !byDigest.has(parent))
      byDigest.set(parent, unknown(parent, 'not on this machine, or not named'));
  const all = [...byDigest.values()].sort(
    (one, other) =>
      (one.created ?? '').localeCompare(other.created ?? '') || (one.digest < other.digest ? -1 : 1),
  );
  // A student can't be older than itself; a lineage that was edited to say so must not hang the drawing.
  const drawn = new Set<string>();
  const grow = (student: KnownStudent): FamilyTree => {
    drawn.add(student.digest);
    return {
      ...student,
      children: all.filter(({ parent, digest }) => parent === student.digest && !drawn.has(digest)).map(grow),
    };
  };
  const trees = all.filter(({ parent }) => parent === null).map(grow);
  for (const student of all) if (!drawn.has(student.digest)) trees.push(grow(student));
  return trees;
}

export function drawTrees(trees: readonly FamilyTree[]): string {
  return trees.flatMap((tree) => lines(tree, '', '')).join('\n');
}

function lines(tree: FamilyTree, first: string, rest: string): string[] {
  const below = tree.children.flatMap((child, i) => {
    const last = i === tree.children.length - 1;
    return lines(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`);
  });
  const bar = tree.children.length > 0 ? '│  ' : '   ';
  return [`${first}${headOf(tree)}`, ...factsOf(tree).map((fact) => `${rest}${bar}${fact}`), ...below];
}

const short = (digest: string) => plain(digest.replace(/^sha256:/, '').slice(0, 12));

function headOf({ digest, task, created, directory, missing }: KnownStudent): string {
  const parts = [
    short(digest),
    task === null ? undefined : plain(task),
    created?.slice(0, 16).replace('T', ' '),
    directory === null ? undefined : plain(directory),
    missing === null ? undefined : `(${missing})`,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function factsOf(student: KnownStudent): string[] {
  if (student.missing !== null) return [];
  const { agreement, certificate, teachers, terms, base, dataset, recipe, seed } = student;
  const measured = agreement === null ? 'agreement not measured' : `agreement ${percent(agreement)}`;
  const certified = certificate
    ? `answers ${percent(certificate.coverage)} at ≤ ${percent(certificate.alpha)} disagreement`
    : 'no certificate';
  return [
    `${measured}, ${certified}`,
    `teacher ${teachers.length > 0 ? teachers.map((name) => plain(name)).join(', ') : 'not known'}; terms ${terms ?? 'not checked'}`,
    `dataset ${dataset === null ? 'not known' : short(dataset)}, recipe ${plain(recipe ?? 'not known')}, seed ${seed}${base === null ? '' : `, on ${plain(base)}`}`,
  ];
}
