/**
 * `npm run bench -- <name> [--json]`, and the bench's own switches: runs one bench; without a name, lists them.
 * Figures go to standard output, everything else to standard error.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { KolbenError } from '@kolben/engine';
import { benches } from './benches.ts';
import { describeMachine, machine } from './machine.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const parsed = parse(argv);
  if (typeof parsed === 'string') return fail(`${parsed} ${list()}`);
  const { name, json, flags } = parsed;
  const bench = benches.find((candidate) => candidate.name === name);
  if (name !== undefined && !bench) return fail(`There is no bench named "${name}". ${list()}`);
  const foreign = [...flags].find((flag) => bench?.flags?.[flag] === undefined);
  if (foreign !== undefined)
    return fail(
      `${name === undefined ? 'The list of benches' : `The bench "${name}"`} has no switch --${foreign}.`,
    );

  const state = machine();
  if (!bench) {
    const listed = benches.map(({ name, about, flags = {} }) => ({ name, about, flags }));
    const width = Math.max(0, ...listed.map(({ name }) => name.length));
    if (json) console.log(JSON.stringify({ machine: state, benches: listed }));
    else {
      console.log(describeMachine(state));
      for (const { name, about, flags } of listed) {
        console.log(`  ${name.padEnd(width)}  ${about}`);
        for (const [flag, what] of Object.entries(flags))
          console.log(`  ${''.padEnd(width)}  --${flag}: ${what}`);
      }
    }
    return 0;
  }

  if (!json) console.log(`${bench.name}: ${bench.about}\n${describeMachine(state)}\n`);
  const enough = new AbortController();
  process.once('SIGINT', () => enough.abort());
  try {
    const result = await bench.run({
      progress: (line) => console.error(line),
      flags,
      signal: enough.signal,
    });
    console.log(
      json ? JSON.stringify({ bench: bench.name, machine: state, result }) : bench.describe(result),
    );
    return 0;
  } catch (error) {
    if (enough.signal.aborted) return 130;
    if (KolbenError.isInstance(error)) return fail(error.message);
    throw error;
  }
}

interface Call {
  name: string | undefined;
  json: boolean;
  /** Switches of benches. */
  flags: ReadonlySet<string>;
}

function parse(argv: string[]): Call | string {
  try {
    const names = ['json', ...benches.flatMap(({ flags = {} }) => Object.keys(flags))];
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }])),
    });
    if (positionals.length > 1) return `One bench at a time: they would disturb each other.`;
    const given = new Set(Object.keys(values));
    const json = given.delete('json');
    return { name: positionals[0], json, flags: given };
  } catch (error) {
    return `${(error as Error).message}.`;
  }
}

function list(): string {
  return `Benches: ${benches.map(({ name }) => name).join(', ') || 'none'}. Call it as: npm run bench -- <name> [--json]`;
}

function fail(sentence: string): number {
  console.error(sentence);
  return 1;
}
