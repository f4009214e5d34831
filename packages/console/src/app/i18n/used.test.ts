import { expect, test } from 'vitest';
import { sourcesIn } from '../../testing/sources-in.ts';
import english from './en/index.ts';

/** Told by codes and words that come from elsewhere; what is told by codes has tests of its own. */
const byCode =
  /^(errors|charts|runs\.schedules|audit\.(acts|actors|details)|calls\.failures|reasons)\.|^providers\.whatIf\.(provider|jurisdiction)$/;

/** Paths of all texts: `tasks.switch.now`. */
function pathsOf(texts: object, path: readonly string[] = []): string[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[...path, key].join('.')] : pathsOf(text as object, [...path, key]),
  );
}

/** What of one source's texts may be a path, as patterns: words in quotes, and in backticks with holes. */
function namesIn(source: string): RegExp[] {
  const areas = [...source.matchAll(/useTranslations\((?:'([\w.]+)')?\)/g)].map(([, area]) => area ?? '');
  if (areas.length === 0) return [];
  const quoted = [...source.matchAll(/'([\w.-]+)'/g)].map(([, name]) => name!.replaceAll('.', '\\.'));
  const holed = [...source.matchAll(/`((?:[\w.-]|\$\{[^`{}]*\})+)`/g)].map(([, name]) =>
    name!.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+'),
  );
  const names = [...quoted, ...holed].join('|');
  return areas.map((area) => new RegExp(`^${area && `${area.replaceAll('.', '\\.')}\\.`}(?:${names})$`));
}

test('every text is used', () => {
  const names = sourcesIn('console/src/app').flatMap(namesIn);
  const unused = pathsOf(english).filter(
    (path) => !byCode.test(path) && !names.some((name) => name.test(path)),
  );
  expect(unused).toEqual([]);
});
