/**
 * Family trees of students for a terminal.
 *
 * @module
 */
import type { FamilyTree, KnownStudent } from '@kolben/distill';
import { plain } from '../cli/plain.ts';
import { percent } from '../progress/words.ts';

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
