import { expect, test } from 'vitest';
import { sourcesIn } from '../../testing/sources-in.ts';
import english from './en/index.ts';

test('every act that is written into the audit log has a text, and every text an act', () => {
  const sources = ['store', 'gateway', 'kolben', 'console']
    .flatMap((name) => sourcesIn(`${name}/src`))
    // By its name, or as the second thing that a function for it is told.
    .flatMap((source) => [...source.matchAll(/\bact(?:: |\([^;]*?, )'([a-z]+\.[a-z_]+)'/g)]);
  const acts = new Set(sources.map(([, act]) => act!));
  for (const known of ['key.limit', 'calls.prune', 'store.rotate_key', 'student.export_refused'])
    expect(acts).toContain(known);
  const told = Object.entries(english.audit.acts).flatMap(([area, texts]) =>
    Object.keys(texts).map((name) => `${area}.${name}`),
  );
  expect(told.sort()).toEqual([...acts].sort());
});

test('every failure of a provider has a text, and every text a failure', () => {
  const codes = sourcesIn('gateway/src/upstream').flatMap((source) =>
    // What is told to `log` is the log's alone, and by what a provider is quoted isn't recorded.
    [...source.replace(/^ *quoted: .*$/gm, '').matchAll(/(?<!\blog\.\w+\()'(provider_[a-z_]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  expect(Object.keys(english.calls.failures).sort()).toEqual([...new Set(codes)].sort());
});
