/**
 * What would be left without a teacher if a provider, or everything under one law, couldn't be asked any more.
 *
 * @module
 */
import { permittedTeachers } from '../config/check-teachers.ts';
import { permits } from '../config/jurisdictions.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';

export interface Ban {
  what: 'provider' | 'jurisdiction';
  /** The provider, or the country by its two letters, or `EU`. */
  name: string;
  /** Tasks that nobody would be left to teach. */
  tasks: string[];
  /** Tasks that would go on with their fallbacks. */
  fallingBack: string[];
}

/** One ban for each provider that a task may ask, and for each jurisdiction that one of them names. */
export function bansOf(config: Config): Ban[] {
  const tasks = Object.entries(config.tasks).map(([task, settings]) => ({
    task,
    providers: permittedTeachers(config.providers, settings).map((teacher) => splitTeacher(teacher)[0]),
  }));
  const used = [...new Set(tasks.flatMap(({ providers }) => providers))].sort();
  const ban = (what: Ban['what'], name: string, isBanned: (provider: string) => boolean): Ban => {
    const hit = tasks.filter(({ providers }) => providers.some(isBanned));
    const isLeft = ({ providers }: { providers: string[] }) => !providers.every(isBanned);
    return {
      what,
      name,
      tasks: hit.filter((one) => !isLeft(one)).map(({ task }) => task),
      fallingBack: hit.filter(isLeft).map(({ task }) => task),
    };
  };
  const lawOf = (provider: string) => {
    const { folder, jurisdiction } = config.providers[provider]!;
    return folder === undefined ? jurisdiction : undefined;
  };
  const named = new Set(used.map(lawOf).filter((law) => law !== undefined));
  // A country of the Union falls with it, whether somebody says "EU" or not.
  const areas = [...named, 'EU'].filter(
    (area, index, all) =>
      all.indexOf(area) === index && used.some((provider) => isUnder(lawOf(provider), area)),
  );
  return [
    ...used.map((name) => ban('provider', name, (provider) => provider === name)),
    ...areas.sort().map((area) => ban('jurisdiction', area, (provider) => isUnder(lawOf(provider), area))),
  ];
}

/** One that the gateway runs itself, and one of whose law nothing is said, falls under no ban of an area. */
function isUnder(law: string | undefined, area: string): boolean {
  return law !== undefined && !permits({ not: [area] }, law);
}
