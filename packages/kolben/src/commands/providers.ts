/**
 * `kolben providers`: whom the gateway may ask, whether they answer, and what would be left without them.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { type Config, priceOf } from '@kolben/gateway/config';
import type { ProviderPerformance } from '@kolben/store';
import { type Context, defineKolbenCommand, type Group } from '../cli/command.ts';
import { pointInTime } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { findConfig, noConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { storeAtHand } from '../config/store-at-hand.ts';
import { count, dollars } from '../progress/words.ts';

const configArg = {
  config: {
    type: 'string',
    description: 'the configuration; by default kolben.config.ts in the working folder',
    valueHint: 'file',
  },
} as const;

async function configOf(named: string | undefined, { cwd }: Pick<Context, 'cwd'>): Promise<Config> {
  const file = findConfig(cwd, named);
  if (file === undefined) throw noConfig(cwd);
  return loadConfig(file);
}

const list = defineKolbenCommand({
  name: 'list',
  description:
    'list the providers with their law, their models and where each price comes from, and how they have done',
  examples: ['kolben providers', 'kolben providers list --since 24h --json'],
  args: {
    since: {
      type: 'string',
      description: 'how they have done since a date, or in the last 90m, 24h or 30d',
      valueHint: 'when',
      default: '7d',
    },
    ...configArg,
  },
  async run(args, context) {
    const config = await configOf(args.config, context);
    const done = await recordOf(config, pointInTime('--since', args.since, new Date()), context);
    const providers = Object.entries(config.providers).map(([name, settings]) => ({
      name,
      done: withoutName(done?.find(({ provider }) => provider === name)),
      address: settings.baseUrl ?? settings.folder ?? '',
      jurisdiction: settings.jurisdiction ?? null,
      keyVariable: settings.apiKeyEnv ?? null,
      hasKey: settings.apiKeyEnv === undefined || Boolean(process.env[settings.apiKeyEnv]?.trim()),
      models: modelsOf(config, name).map((model) => {
        const found = priceOf(settings, model);
        return {
          model,
          price: found?.price ?? null,
          priceSource: found?.source ?? null,
          tasks: tasksWith(config, `${name}/${model}`),
        };
      }),
    }));
    const rows = providers.flatMap(({ name, jurisdiction, hasKey, models }) =>
      (models.length > 0 ? models : [undefined]).map((one) => [
        name,
        jurisdiction ?? '–',
        hasKey ? 'yes' : 'missing',
        plain(one?.model ?? '–', 40),
        one?.price ? `${one.price.inputPerMillion} / ${one.price.outputPerMillion}` : '–',
        one?.priceSource ?? '–',
        one?.tasks.join(', ') || '–',
      ]),
    );
    const heads = ['provider', 'law', 'key', 'model', 'USD per million in / out', 'price from', 'tasks'];
    return {
      json: { providers },
      text:
        rows.length === 0
          ? 'The configuration has no providers: add one under providers.'
          : [table([heads, ...rows], [], ''), ...(done?.length ? ['', doneTable(done)] : [])].join('\n'),
    };
  },
});

const check = defineKolbenCommand({
  name: 'check',
  description:
    'try each provider with a few small real calls, and say what a ban of one would leave without a teacher',
  examples: [
    'kolben providers check',
    'kolben providers check --provider mistral',
    'kolben providers check --quick --json',
  ],
  args: {
    provider: { type: 'string', description: 'this one alone', valueHint: 'name' },
    quick: {
      type: 'boolean',
      description: 'one call to each: does it answer, and how fast; by default what it can is tried too',
    },
    ...configArg,
  },
  async run(args, context) {
    const config = await configOf(args.config, context);
    const named = args.provider;
    if (named !== undefined && !Object.hasOwn(config.providers, named)) {
      const known = Object.keys(config.providers).join(', ') || 'none';
      throw new KolbenError(
        'provider_unknown',
        `The configuration has no provider '${named}' (it has: ${known}): correct --provider, or add it under providers.`,
      );
    }
    const { bansOf, checkProviders } = await import('@kolben/gateway');
    const phase = context.progress.phase('Asking providers');
    let asked = 0;
    const results = await checkProviders(config, {
      signal: context.signal,
      isQuick: args.quick === true,
      ...(named !== undefined && { only: [named] }),
      onChecked: () => {
        asked += 1;
        phase.update(asked);
      },
    }).catch((error: unknown) => {
      phase.stop();
      throw error;
    });
    const answering = results.filter(({ error }) => error === null).length;
    phase.done(`${answering} of ${results.length} providers answer.`);
    const bans = bansOf(config);
    const providers = results.map(({ provider, model, latencyMs, ...rest }) => ({
      provider,
      model,
      jurisdiction: config.providers[provider]!.jurisdiction ?? null,
      ok: rest.error === null,
      latencyMs: rounded(latencyMs),
      priceSource: priceOf(config.providers[provider]!, model)?.source ?? null,
      ...rest,
      advice: adviceFor(config, provider, rest.features),
    }));
    return {
      json: { ok: answering === results.length, providers, bans },
      text: [...providers.map(paragraph), '', ...bans.map(sentence)].join('\n').trim(),
    };
  },
});

type Results = Awaited<ReturnType<typeof import('@kolben/gateway')['checkProviders']>>;
type Features = Results[number]['features'];

/** Undefined where there is no store yet, or none that can be opened: what the configuration says is told all the same. */
async function recordOf(
  config: Config,
  since: Date,
  { note }: Pick<Context, 'note'>,
): Promise<ProviderPerformance[] | undefined> {
  const store = await storeAtHand(config, (why) => note(`How they have done is not known: ${why}`));
  try {
    return await store?.performance.ofProviders({ since });
  } finally {
    await store?.close();
  }
}

function withoutName(done: ProviderPerformance | undefined): Omit<ProviderPerformance, 'provider'> | null {
  if (done === undefined) return null;
  const { provider: _, ...rest } = done;
  return rest;
}

function doneTable(done: readonly ProviderPerformance[]): string {
  const ms = (value: number | undefined | null) => (value == null ? '–' : `${Math.round(value)} ms`);
  const rows = done.map(({ provider, asked, failed, passedOn, meanFailedMs, latency, errorCodes }) => [
    plain(provider, 40),
    count(asked),
    count(failed),
    count(passedOn),
    ms(meanFailedMs),
    ms(latency?.p50),
    ms(latency?.p95),
    errorCodes.map(({ code, times }) => `${plain(code, 40)} ${count(times)}`).join(', ') || '–',
  ]);
  const heads = ['asked', 'failed', 'then another try', 'to failure', 'median', '95 %', 'failures'];
  return table([['provider', ...heads], ...rows], [1, 2, 3, 4, 5, 6], '');
}

/** What the configuration should say otherwise, as far as it shows. */
function adviceFor(config: Config, provider: string, features: Features): string[] {
  if (!features) return [];
  const { streamUsage, reasoning, folder, jurisdiction } = config.providers[provider]!;
  const advice: string[] = [];
  if (features.usageInStreams === 'refused' && features.streaming === 'yes' && streamUsage === 'ask')
    advice.push("It refuses to be asked for the usage of streams: set streamUsage: 'leave'.");
  const { reasoning: seen } = features;
  if (seen !== 'no' && seen !== 'hidden' && reasoning?.as !== undefined && reasoning.as !== seen)
    advice.push(`It spells its reasoning ${seen}: set reasoning: { as: '${seen}' }.`);
  if (folder === undefined && jurisdiction === undefined)
    advice.push('It says no jurisdiction, so every fence keeps it out: set jurisdiction.');
  return advice;
}

interface Shown {
  provider: string;
  model: string;
  jurisdiction: string | null;
  latencyMs: number | null;
  priceSource: string | null;
  error: { message: string; detail: string | null } | null;
  features: Features;
  cost: number;
  advice: string[];
}

function paragraph(one: Shown): string {
  const head = `${one.provider}  ${plain(one.model, 60)}  (${one.jurisdiction ?? 'no jurisdiction'}, price: ${one.priceSource ?? 'none'})`;
  if (one.error) {
    const detail = one.error.detail === null ? '' : ` (${one.error.detail})`;
    return `${head}\n  does not answer: ${plain(one.error.message, 300)}${detail}`;
  }
  const lines = [`  answers in ${one.latencyMs} ms; these questions cost ${dollars(one.cost)}`];
  if (one.features) {
    const { reasoning, ...found } = one.features;
    const names = Object.entries(found).map(([name, finding]) => `${words[name] ?? name} ${finding}`);
    lines.push(`  ${[...names, `reasoning ${reasoning}`].join(', ')}`);
  }
  return [head, ...lines, ...one.advice.map((each) => `  ${each}`)].join('\n');
}

const words: Readonly<Record<string, string>> = {
  usageInStreams: 'usage in streams',
  jsonSchema: 'JSON schema',
};

function sentence({ what, name, tasks, fallingBack }: Ban): string {
  const without = what === 'provider' ? `Without ${name}` : `Without all under the law of ${name}`;
  const left = fallingBack.map(({ task, provider, model, jurisdiction, isInHouse, isFirst }) => {
    const law = isInHouse ? 'in the own house' : (jurisdiction ?? 'no jurisdiction');
    return `; ${task} would ${isFirst ? 'stay with' : 'fall back on'} ${provider}/${plain(model, 60)} (${law})`;
  });
  return tasks.length > 0
    ? `${without}, no teacher would be left for ${tasks.join(', ')}${left.join('')}.`
    : `${without}, every task would still have a teacher${left.join('')}.`;
}

type Ban = ReturnType<typeof import('@kolben/gateway')['bansOf']>[number];

/** Of a provider: those with a price in the configuration, and those that tasks name. */
function modelsOf(config: Config, provider: string): string[] {
  const named = Object.values(config.tasks)
    .flatMap(({ teacher, fallbacks }) => [teacher, ...fallbacks])
    .filter((teacher) => teacher.startsWith(`${provider}/`))
    .map((teacher) => teacher.slice(provider.length + 1));
  return [...new Set([...Object.keys(config.providers[provider]!.prices), ...named])];
}

function tasksWith(config: Config, teacher: string): string[] {
  return Object.entries(config.tasks)
    .filter(([, task]) => task.teacher === teacher || task.fallbacks.includes(teacher))
    .map(([name]) => name);
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

export const providers: Group = {
  name: 'providers',
  description: 'list the providers, or try each and see what a ban would leave without a teacher',
  commands: [list, check],
  default: 'list',
};
