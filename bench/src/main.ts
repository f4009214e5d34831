/**
 * `npm run bench -- <name> [--json]`: runs one bench; without a name, lists them.
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
  const { name, json } = parsed;
  const bench = benches.find((candidate) => candidate.name === name);
  if (name !== undefined && !bench) return fail(`There is no bench named "${name}". ${list()}`);

  const state = machine();
  if (!bench) {
    const listed = benches.map(({ name, about }) => ({ name, about }));
    const width = Math.max(0, ...listed.map(({ name }) => name.length));
    if (json) console.log(JSON.stringify({ machine: state, benches: listed }));
    else {
      console.log(describeMachine(state));
      for (const { name, about } of listed) console.log(`  ${name.padEnd(width)}  ${about}`);
    }
    return 0;
  }

  if (!json) console.log(`${bench.name}: ${bench.about}\n${describeMachine(state)}\n`);
  const enough = new AbortController();
  process.once('SIGINT', () => enough.abort());
  try {
    const result = await bench.run({ progress: (line) => console.error(line), signal: enough.signal });
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

function parse(argv: string[]): { name: string | undefined; json: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    if (positionals.length > 1) return `One bench at a time: they would disturb each other.`;
    return { name: positionals[0], json: values.json };
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
