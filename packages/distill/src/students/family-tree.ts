/**
 * Which student followed which.
 *
 * @module
 */

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
  /** Of one that is registered, why: its folder can't be read, or another student lies there. */
  readonly lost?: 'unreadable' | 'other';
}

export interface FamilyTree extends KnownStudent {
  readonly children: readonly FamilyTree[];
}

/** A student of which nothing is known but its digest. */
export function unknownStudent(digest: string, missing: string): KnownStudent {
  return {
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
  };
}

/** Trees by the oldest student of each, children by age; a parent that nobody knows stands above its children. */
export function familyTrees(students: readonly KnownStudent[]): FamilyTree[] {
  const byDigest = new Map(students.map((student) => [student.digest, student]));
  for (const { parent } of students)
    if (parent !== null && !byDigest.has(parent))
      byDigest.set(parent, unknownStudent(parent, 'not on this machine, or not named'));
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
