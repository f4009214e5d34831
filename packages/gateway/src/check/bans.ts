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
  /** Tasks that would still have a teacher, and which. */
  fallingBack: FallingBack[];
}

export interface FallingBack {
  task: string;
  /** Who would answer. */
  provider: string;
  model: string;
  /** Of the provider; null: nothing is said of it. */
  jurisdiction: string | null;
  /** The gateway runs it itself. */
  isInHouse: boolean;
  /** It is the task's first teacher: only a fallback would be gone. */
  isFirst: boolean;
}

/** One ban for each provider that a task may ask, and for each jurisdiction that one of them names. */
export function bansOf(config: Config): Ban[] {
  const tasks = Object.entries(config.tasks).map(([task, settings]) => ({
    task,
    teachers: permittedTeachers(config.providers, settings).map(splitTeacher),
  }));
  const used = [...new Set(tasks.flatMap(({ teachers }) => teachers.map(([provider]) => provider)))].sort();
  const ban = (what: Ban['what'], name: string, isBanned: (provider: string) => boolean): Ban => {
    const hit = tasks.filter(({ teachers }) => teachers.some(([provider]) => isBanned(provider)));
    const left = hit.map(({ task, teachers }) => {
      const at = teachers.findIndex(([provider]) => !isBanned(provider));
      return { task, at, teacher: teachers[at] };
    });
    return {
      what,
      name,
      tasks: left.filter(({ teacher }) => teacher === undefined).map(({ task }) => task),
      fallingBack: left.flatMap(({ task, at, teacher }) => {
        if (teacher === undefined) return [];
        const [provider, model] = teacher;
        const { folder, jurisdiction = null } = config.providers[provider]!;
        const isInHouse = folder !== undefined;
        return [{ task, provider, model, jurisdiction, isInHouse, isFirst: at === 0 }];
      }),
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
