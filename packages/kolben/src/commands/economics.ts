/**
 * `kolben economics`: what a task costs a month with its teacher alone, as a cascade and with its student alone, and when
 * a student has paid for itself. The console shows the same figures.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';
import {
  contradiction,
  type Economics,
  type EconomicsAnswer,
  type FigureKind,
  type FigureName,
  figureKinds,
  figureNames,
  type GivenFigures,
  givenFiguresSchema,
  hostings,
  type Money,
  type Months,
  partNames,
  taskEconomics,
} from '@kolben/gateway/economics';
import { openStore } from '@kolben/store';
import type { StringArgDef } from 'citty';
import { type Context, defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { decimal, oneOf } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { findConfig } from '../config/find-config.ts';
import { chooseStore, storeArgs } from '../config/with-store.ts';
import { count, dollars, percent } from '../progress/words.ts';

/** `callsPerDay` → `calls-per-day`. */
const optionOf = (name: FigureName) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const figureArgs = Object.fromEntries(
  figureNames.map((name) => {
    const { unit, about, default: usual }: FigureKind = figureKinds[name];
    const description = usual === null ? `${about} (${unit})` : `${about} (${unit}; ${usual})`;
    return [optionOf(name), { type: 'string', description, valueHint: 'n' } satisfies StringArgDef];
  }),
) as Record<string, StringArgDef>;

export const economics = defineKolbenCommand({
  name: 'economics',
  description: 'what a task costs a month with and without a student, and when a student pays for itself',
  examples: [
    'kolben economics --task mails',
    'kolben economics --task mails --hosting cpu --server-per-hour 0.05 --json',
    'kolben economics --calls-per-day 5000 --prompt-tokens 800 --answer-tokens 20 --coverage 0.8 --teacher openai/gpt-4.1-mini',
  ],
  args: {
    task: { type: 'string', description: 'take what is known from this task', valueHint: 'task' },
    teacher: {
      type: 'string',
      description: "whose prices to reckon with; by default the task's teacher",
      valueHint: 'provider/model',
    },
    hosting: {
      type: 'string',
      description: 'where the student runs: own hardware, or a rented server (cpu, gpu)',
      default: 'own',
      valueHint: hostings.join('|'),
    },
    assumptions: {
      type: 'string',
      description: 'a JSON file of figures by name, such as {"callsPerDay": 5000}; options go before it',
      valueHint: 'file',
    },
    ...figureArgs,
    ...storeArgs,
  },
  async run(args, context) {
    const hosting = oneOf('--hosting', args.hosting, hostings);
    const given = {
      ...(args.assumptions !== undefined && (await readAssumptions(args.assumptions, context.cwd))),
      ...givenByOptions(args as unknown as Record<string, string | undefined>),
    };
    const { task = null, teacher } = args;
    if (teacher !== undefined && !/^[^/]+\/.+$/.test(teacher))
      throw new UsageError(
        `--teacher must be provider/model, such as openai/gpt-4.1-mini; it was '${teacher}'.`,
      );
    const answer = await answerFor({ args, context, task, teacher, given, hosting });
    if (answer.contradicts !== null) throw contradiction(answer.figures);
    if (answer.result === null) throw missing(answer, task, teacher);
    return { json: { ...answer }, text: inWords(answer, answer.result) };
  },
});

interface Asked {
  args: { config?: string | undefined; data?: string | undefined };
  context: Context;
  task: string | null;
  teacher: string | undefined;
  given: GivenFigures;
  hosting: (typeof hostings)[number];
}

async function answerFor({ args, context, task, teacher, given, hosting }: Asked): Promise<EconomicsAnswer> {
  // A task is known from the store. Without one neither a store nor a configuration has to be there.
  const needsPlace = task !== null || args.config !== undefined || args.data !== undefined;
  const place =
    needsPlace || findConfig(context.cwd, undefined) !== undefined
      ? await chooseStore(args, context.cwd)
      : undefined;
  const config = place?.config;
  if (task !== null && config && !Object.hasOwn(config.tasks, task)) {
    const known = Object.keys(config.tasks).join(', ') || 'none';
    throw new KolbenError(
      'task_unknown',
      `The configuration has no task '${task}' (it has: ${known}): correct --task, or leave it out and give the figures.`,
    );
  }
  const question = { task, given, hosting, now: new Date(), config: config ?? nobody, teacher };
  if (task === null || !place) return taskEconomics(question);
  const store = await openStore(place.store);
  try {
    return await taskEconomics({ ...question, store });
  } finally {
    await store.close();
  }
}

/** Where there is no configuration. */
const nobody = { providers: {}, tasks: {} };

function givenByOptions(args: Readonly<Record<string, string | undefined>>): GivenFigures {
  const given: GivenFigures = {};
  for (const name of figureNames) {
    const option = optionOf(name);
    const text = args[option];
    if (text === undefined) continue;
    const { least, most, isWhole }: FigureKind = figureKinds[name];
    const value = decimal(text);
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new UsageError(
        `--${option} must be a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}; it was '${text}'.`,
      );
    given[name] = value;
  }
  return given;
}

async function readAssumptions(file: string, cwd: string): Promise<GivenFigures> {
  const path = resolve(cwd, file);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new KolbenError('assumptions_unreadable', `${path} can't be read: correct --assumptions.`);
  });
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new KolbenError(
      'assumptions_unreadable',
      `${path} is no JSON: it must hold one object of figures.`,
    );
  }
  const checked = givenFiguresSchema.safeParse(said);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where = issue?.path.join('.') || 'the file';
    throw new KolbenError(
      'assumptions_unreadable',
      `${path} can't be used: ${where}: ${issue?.message ?? 'not valid'}; the names and ranges are in docs/economics.md.`,
    );
  }
  return Object.fromEntries(
    Object.entries(checked.data).filter(([, value]) => value !== undefined),
  ) as GivenFigures;
}

function missing(
  { missing: names }: EconomicsAnswer,
  task: string | null,
  teacher: string | undefined,
): KolbenError {
  const options = names.map((name) => `--${optionOf(name)}`).join(', ');
  if (teacher !== undefined && names.every((name) => figureKinds[name].group === 'teacher'))
    return new KolbenError(
      'economics_missing',
      `Nobody knows what ${teacher} costs: no provider of the configuration has that model with a price. Correct --teacher, or give ${options}.`,
    );
  const why = task === null ? 'Without --task' : `Neither the calls of ${task} nor its student`;
  const verb = task === null ? 'nobody tells' : 'tell';
  return new KolbenError(
    'economics_missing',
    `${why} ${verb} ${names.length === 1 ? 'one figure that is' : 'some figures that are'} needed: give ${options}.`,
  );
}

const wayNames = { teacher: 'teacher alone', cascade: 'cascade', student: 'student alone' } as const;
const partWords = {
  teacher: 'teacher’s answers',
  audits: 'audits',
  hardware: 'hardware',
  electricity: 'electricity',
  server: 'rented server',
  upkeep: 'upkeep',
} as const;
const hostingWords = { own: 'own hardware', cpu: 'rented server', gpu: 'rented GPU' } as const;

function inWords(answer: EconomicsAnswer, result: Economics): string {
  const { ways } = result;
  const rows = [
    ['USD a month', ...ways.map(({ way }) => wayNames[way])],
    ...partNames
      .filter((part) => ways.some(({ parts }) => parts[part] > 0))
      .map((part) => [partWords[part], ...ways.map(({ parts }) => dollars(parts[part]))]),
    ['together', ...ways.map(({ perMonth }) => dollars(perMonth.value))],
    ['80 % interval', ...ways.map(({ perMonth }) => within(perMonth))],
    ['calls by the teacher', ...ways.map(({ byTeacher }) => count(byTeacher))],
    ['calls by the student', ...ways.map(({ byStudent }) => count(byStudent))],
    [
      'pays for itself after',
      '–',
      monthsInWords(result.breakEven.cascade),
      monthsInWords(result.breakEven.student),
    ],
  ];
  const { making, hardware } = result;
  const once = `Spent once: ${dollars(making.labelling)} for labelling, ${dollars(making.training)} for training, ${dollars(making.work)} for work${hardware > 0 ? `, ${dollars(hardware)} for hardware (again after each of its lives)` : ''}.`;
  return [
    table(rows, [1, 2, 3], ''),
    '',
    verdict(result),
    lostInWords(result),
    once,
    `The busiest hour takes ${percent(result.load, 2)} of a machine; the task pays for ${Number(result.machines.toFixed(2))}.`,
    '',
    placesInWords(result),
    '',
    figuresInWords(answer),
    ...(answer.prices.length > 0 ? ['', pricesInWords(answer)] : []),
  ].join('\n');
}

/** The API alone, and the student on each kind of machine, at the figures as they stand. */
function placesInWords({ ways, hostings: places }: Economics): string {
  const after = (months: number | null) => (months === null ? 'never' : `${months.toFixed(1)} months`);
  const rows = [
    ['USD a month', 'API', ...places.map(({ hosting }) => hostingWords[hosting])],
    [wayNames.teacher, dollars(ways[0]!.perMonth.value), ...places.map(() => '–')],
    ...(['cascade', 'student'] as const).flatMap((way) => [
      [wayNames[way], '–', ...places.map(({ [way]: cost }) => dollars(cost))],
      ['pays for itself after', '–', ...places.map(({ breakEven }) => after(breakEven[way]))],
    ]),
  ];
  return table(rows, [1, 2, 3, 4], '');
}

/** The sentence that matters. */
function verdict({ ways, saved, breakEven }: Economics): string {
  const [teacher, cascade] = ways;
  const head = `The cascade costs ${dollars(cascade!.perMonth.value)} a month, the teacher alone ${dollars(teacher!.perMonth.value)}`;
  const { cascade: months } = breakEven;
  if (saved.cascade.value <= 0 || months.value === null)
    return `${head}: at these figures it does not pay for itself${months.neverShare < 1 ? ` (in ${percent(1 - months.neverShare, 0)} of what they may turn out to be it would)` : ''}.`;
  return `${head}: it saves ${dollars(saved.cascade.value)} a month (80 %: ${within(saved.cascade)}) and has paid for itself after ${monthsInWords(months)}.`;
}

function lostInWords({ lost }: Economics): string {
  const measured =
    lost.disagreement === null
      ? 'how many of all its answers would differ from the teacher’s nobody has measured'
      : `on its test split ${percent(lost.disagreement)} of all its answers differed from the teacher’s`;
  return `Alone, the student would also answer ${count(lost.uncertified)} calls a month of which it is not sure: no certificate covers them, ${measured}, and nobody would be asked who could notice.`;
}

function within({ low, high }: Pick<Money, 'low' | 'high'>): string {
  return `${dollars(low)} to ${dollars(high)}`;
}

function monthsInWords({ value, low, high }: Months): string {
  const one = (months: number | null) => (months === null ? 'never' : months.toFixed(1));
  if (value === null) return low === null ? 'never' : `never (80 %: ${one(low)} to ${one(high)} months)`;
  return `${one(value)} months (80 %: ${one(low)} to ${one(high)})`;
}

function figuresInWords({ figures }: EconomicsAnswer): string {
  const rows = figureNames.flatMap((name) => {
    const { value, source } = figures[name];
    if (value === null) return [];
    return [[name, String(Number(value.toPrecision(6))), figureKinds[name].unit, source]];
  });
  return table([['figure', 'value', 'unit', 'from'], ...rows], [1], '');
}

function pricesInWords({ prices }: EconomicsAnswer): string {
  const rows = prices.map(({ provider, model, price, perThousandCalls, ...from }) => [
    plain(`${provider}/${model}`, 50),
    `${price.inputPerMillion} / ${price.cachedInputPerMillion ?? '–'} / ${price.outputPerMillion}`,
    perThousandCalls === null ? '–' : dollars(perThousandCalls),
    from.package === null
      ? `configuration${from.date === null ? '' : `, as of ${from.date}`}`
      : `${from.source === 'both' ? 'configuration and ' : ''}${from.package.name} ${from.package.version}, ${from.dateIs} ${from.date}`,
    from.pages[0] ?? '–',
  ]);
  const head = ['model', 'USD per million in / cached / out', 'a thousand calls', 'price from', 'its source'];
  return table([head, ...rows], [2], '');
}
