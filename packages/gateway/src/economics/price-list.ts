/**
 * Prices of models beside each other, per million tokens, each with where it comes from and of what date.
 *
 * @module
 */
import { permittedTeachers } from '../config/check-teachers.ts';
import { priceOf } from '../config/price-of.ts';
import { packageListing, pricePackage } from '../config/price-package.ts';
import type { Price } from '../config/price-schema.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';
import { costOf } from '../ledger/cost.ts';

/** Tokens of one call. */
export interface CallTokens {
  promptTokens: number;
  cachedTokens: number;
  answerTokens: number;
}

export interface ListedPrice {
  provider: string;
  model: string;
  /** USD per million tokens. */
  price: Price;
  /** `configuration`: every figure stands there; `package`: none does; `both`: some are overridden. */
  source: 'configuration' | 'package' | 'both';
  /**
   * The day the package says this price began to hold, or else the day of the package's release; of the configuration the
   * day it names, null where it names none.
   */
  date: string | null;
  dateIs: 'start of the price' | 'release of the package' | 'day of looking it up' | null;
  /** The package, where a figure is its own. */
  package: { name: string; version: string; released: string } | null;
  /** Pages that the package, or the configuration, names as the sources. */
  pages: string[];
  /** Tasks that this teacher may answer. */
  tasks: string[];
  /** What a thousand calls of such tokens cost, USD; null where no tokens were named. */
  perThousandCalls: number | null;
}

/** Of every model that the configuration names, cheapest first by such calls, else by its prompt tokens. */
export function listPrices(config: Pick<Config, 'providers' | 'tasks'>, tokens?: CallTokens): ListedPrice[] {
  const teachers = new Map<string, string[]>();
  const note = (teacher: string) => {
    const tasks = teachers.get(teacher) ?? [];
    teachers.set(teacher, tasks);
    return tasks;
  };
  for (const [name, provider] of Object.entries(config.providers))
    for (const model of Object.keys(provider.prices)) note(`${name}/${model}`);
  for (const [task, settings] of Object.entries(config.tasks)) {
    for (const teacher of [settings.teacher, ...settings.fallbacks]) note(teacher);
    for (const teacher of permittedTeachers(config.providers, settings)) note(teacher).push(task);
  }
  return [...teachers]
    .flatMap(([teacher, tasks]) => {
      const [provider, model] = splitTeacher(teacher);
      const settings = config.providers[provider];
      const found = settings && priceOf(settings, model);
      if (!found) return [];
      const { source } = found;
      // Figures alone: where they are from is said beside them.
      const { asOf, page, ...price } = found.price;
      const listing =
        source === 'configuration' || settings.baseUrl === undefined
          ? undefined
          : packageListing(settings.baseUrl, model);
      const origin: Pick<ListedPrice, 'date' | 'dateIs' | 'package' | 'pages'> =
        source === 'configuration'
          ? {
              ...{ date: asOf ?? null, dateIs: asOf === undefined ? null : 'day of looking it up' },
              ...{ package: null, pages: page === undefined ? [] : [page] },
            }
          : {
              date: listing?.since ?? pricePackage.released,
              dateIs: listing?.since === undefined ? 'release of the package' : 'start of the price',
              package: { ...pricePackage },
              pages: listing?.pages ?? [],
            };
      const listed: ListedPrice = {
        ...{ provider, model, price, source, tasks, ...origin },
        perThousandCalls: tokens ? 1_000 * callCost(tokens, price) : null,
      };
      return [listed];
    })
    .sort(
      (one, other) =>
        (one.perThousandCalls ?? one.price.inputPerMillion) -
          (other.perThousandCalls ?? other.price.inputPerMillion) ||
        one.price.outputPerMillion - other.price.outputPerMillion ||
        (`${one.provider}/${one.model}` < `${other.provider}/${other.model}` ? -1 : 1),
    );
}

function callCost({ promptTokens, cachedTokens, answerTokens }: CallTokens, price: Price): number {
  return costOf({ promptTokens, cachedTokens, completionTokens: answerTokens }, price);
}
