import { createTranslator } from 'use-intl/core';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from '../../testing/sources-in.ts';
import { errorFamily } from '../lib/error-family.ts';
import german from './de/index.ts';
import english from './en/index.ts';

/** What the console's API reaches: of `kolben` the watch and the trainings, of the others all. */
const reached = [
  ...['engine', 'store', 'distill', 'gateway'].map((name) => `${name}/src`),
  ...['console/src/server', 'kolben/src/watch', 'kolben/src/runs', 'kolben/src/students'],
];

/** Every code of an error in the source, with the names of the values that it is told with. */
function codesIn(source: string): [code: string, values: string[]][] {
  const constants = new Map(
    [...source.matchAll(/const (\w+) = '([a-z0-9_]+)'/g)].map(([, name, code]) => [name!, code!]),
  );
  // One that is made with its code as text or by a constant, and after an API error's status.
  const made = source.matchAll(
    /new \w*(?:Error|Stopped)\(\s*(?:[\w.]+,\s*(?=['\w]))?(?:'([a-z0-9_]+)'|(\w+)),/g,
  );
  return [
    ...[...made].flatMap(({ 1: code, 2: name, index }): [string, string[]][] => {
      const known = code ?? constants.get(name!);
      return known === undefined ? [] : [[known, valuesIn(source.slice(index, endOf(source, index)))]];
    }),
    ...[...source.matchAll(/static readonly code = '([a-z0-9_]+)'|super\(\s*'([a-z0-9_]+)'/g)].map(
      ([, one, other]): [string, string[]] => [(one ?? other)!, []],
    ),
    ...[...source.matchAll(/type \w+ErrorCode =([^;]+);/g)].flatMap(([, codes]) =>
      [...codes!.matchAll(/'([a-z0-9_]+)'/g)].map(([, code]): [string, string[]] => [code!, []]),
    ),
  ];
}

/** Where the parentheses that open next are closed. */
function endOf(source: string, from: number): number {
  let depth = 0;
  for (let at = source.indexOf('(', from); at < source.length; at++) {
    if (source[at] === '(') depth++;
    else if (source[at] === ')' && --depth === 0) return at;
  }
  return source.length;
}

function valuesIn(text: string): string[] {
  const [, said = ''] = /values: \{([^}]*(?:\}[^}]*)?)\}/.exec(text) ?? [];
  return said.split(/[,{]/).flatMap((part) => /^\s*(\w+)/.exec(part)?.[1] ?? []);
}

const codes = new Map<string, Set<string>>();
for (const folder of reached)
  for (const source of sourcesIn(folder))
    for (const [code, values] of codesIn(source))
      codes.set(code, new Set([...(codes.get(code) ?? []), ...values]));

const placesIn = (text: string) => [...text.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name!).sort();

describe('the texts of errors', () => {
  it('are there for every code that the console’s API can give', () => {
    expect(codes.size).toBeGreaterThan(200);
    for (const known of [
      'distill_busy',
      'store_locked',
      'task_unknown',
      'student_folder_damaged',
      'graph_shape',
    ])
      expect(codes.has(known), known).toBe(true);
    const without = [...codes.keys()].filter(
      (code) => !(code in english.errors) && errorFamily(code) === undefined,
    );
    expect(without).toEqual([]);
  });

  it('speak of nothing that their error doesn’t tell', () => {
    // Told by the class of the error, or by a function that checks inputs.
    const elsewhere: Record<string, string[]> = {
      terms_forbidden: [
        ...['kind', 'distribution', 'provider', 'clause', 'quotes', 'url', 'date', 'source', 'others'],
      ],
      provider_said: ['status', 'said'],
      provider_status: ['status', 'said'],
      input_invalid: ['param', 'issue', 'bound'],
    };
    for (const [code, values] of codes) {
      if (!(code in english.errors)) continue;
      const text = english.errors[code as 'unknown'];
      const told = new Set(['code', ...values, ...(elsewhere[code] ?? [])]);
      expect(
        placesIn(text).filter((name) => !told.has(name)),
        code,
      ).toEqual([]);
    }
  });

  it('and reasons name the same figures in every language, and can be told with them', () => {
    const figures: Record<string, string | number> = {
      ...{ param: 'name', issue: 'too_big', bound: 3, kind: 'classify', distribution: 'internal', calls: 2 },
      ...{
        coverage: 0.9,
        alpha: 0.05,
        confidence: 0.95,
        n: 60,
        calibration: 80,
        fewest: 59,
        disagreements: 4,
      },
      ...{ disagreed: 1, compared: 20, callsNeeded: 120, others: 2 },
      ...{
        budget: 5,
        spent: 4.5,
        reserved: 0.4,
        renewsAt: Date.UTC(2026, 11, 1),
        limit: 60,
        tokens: 900,
        seconds: 30,
      },
      ...{ stepMs: 48.2, bubble: 0.0625, threads: 2, stages: 2, chips: 2 },
    };
    const pairs = (one: object, other: object, path: string[]): [string, string, string][] =>
      Object.entries(one).flatMap(([key, text]) => {
        const there = (other as Record<string, unknown>)[key];
        return typeof text === 'string'
          ? [[[...path, key].join('.'), text, String(there)]]
          : pairs(text as object, there as object, [...path, key]);
      });
    for (const area of ['errors', 'reasons'] as const)
      for (const [key, text, other] of pairs(english[area], german[area], [area])) {
        expect(placesIn(other), key).toEqual(placesIn(text));
        const values = Object.fromEntries(placesIn(text).map((name) => [name, figures[name] ?? name]));
        for (const [locale, messages] of [
          ['en', english],
          ['de', german],
        ] as const) {
          const t = createTranslator({
            locale,
            messages,
            onError: (error) => {
              throw error;
            },
          });
          expect(t(key as 'errors.unknown', values), `${locale} ${key}`).not.toMatch(/[{}]/);
        }
      }
  });
});
