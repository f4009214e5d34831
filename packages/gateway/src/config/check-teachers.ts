/**
 * Do the teachers that tasks name exist, have they a price, and does each task's fence leave somebody to ask?
 *
 * @module
 */
import { permits } from './jurisdictions.ts';
import { priceOf } from './price-of.ts';
import type { ProviderConfig } from './provider-schema.ts';
import { splitTeacher } from './split-teacher.ts';
import type { TaskConfig } from './task-schema.ts';

export interface Complaint {
  path: readonly (string | number)[];
  message: string;
}

interface Checked {
  providers: Readonly<Record<string, ProviderConfig>>;
  tasks: Readonly<Record<string, TaskConfig>>;
}

/** Names that models of another kind begin with: `kolben/<task>`, `student/<id>`. */
const taken = ['kolben', 'student'];

/** What is wrong with them, in words for whoever wrote it. */
export function* checkTeachers({ providers, tasks }: Checked): Generator<Complaint, void, undefined> {
  for (const name of taken) {
    if (!Object.hasOwn(providers, name)) continue;
    const message = `is a name that models of Kolben's own begin with (${name}/…); give the provider another one`;
    yield { path: ['providers', name], message };
  }
  for (const [task, config] of Object.entries(tasks)) {
    const named = [config.teacher, ...config.fallbacks];
    let isComplete = true;
    for (const [index, teacher] of named.entries()) {
      const message = problemWith(teacher, providers, named.slice(0, index));
      if (message === undefined) continue;
      isComplete = false;
      if (!teacher.includes('/')) continue;
      yield { path: ['tasks', task, ...(index === 0 ? ['teacher'] : ['fallbacks', index - 1])], message };
    }
    if (isComplete && !named.some((teacher) => isPermitted(config, providers, teacher))) {
      const law = (name: string) => providers[name]?.jurisdiction ?? 'unknown';
      const names = [...new Set(named.map((teacher) => splitTeacher(teacher)[0]))];
      const places = names.map((name) => `${name}: ${law(name)}`).join(', ');
      const message = `permits none of the task's teachers (${places}); name one that it permits, set the jurisdiction of its provider, or widen it`;
      yield { path: ['tasks', task, 'jurisdictions'], message };
    }
  }
}

/** The task's teachers that its fence permits, in the order in which they are asked. */
export function permittedTeachers(
  providers: Readonly<Record<string, ProviderConfig>>,
  task: Pick<TaskConfig, 'teacher' | 'fallbacks' | 'jurisdictions'>,
): string[] {
  return [task.teacher, ...task.fallbacks].filter((teacher) => isPermitted(task, providers, teacher));
}

/** Providers that some task may ask. */
export function usedProviders({ providers, tasks }: Checked): Set<string> {
  const teachers = Object.values(tasks).flatMap((task) => permittedTeachers(providers, task));
  return new Set(teachers.map((teacher) => splitTeacher(teacher)[0]));
}

/**
 * May this teacher answer the task's calls? One that the gateway runs itself may always: its calls never leave the house.
 */
function isPermitted(
  { jurisdictions }: Pick<TaskConfig, 'jurisdictions'>,
  providers: Readonly<Record<string, ProviderConfig>>,
  teacher: string,
): boolean {
  const provider = providers[splitTeacher(teacher)[0]];
  return provider?.folder !== undefined || permits(jurisdictions, provider?.jurisdiction);
}

function problemWith(
  teacher: string,
  providers: Readonly<Record<string, ProviderConfig>>,
  before: readonly string[],
): string | undefined {
  const [name, model] = splitTeacher(teacher);
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (!provider) {
    const known = Object.keys(providers).join(', ') || 'none';
    return `names the provider "${name}", which isn't among the providers (${known}); add it there or correct the name`;
  }
  if (!priceOf(provider, model)) {
    return `has no price, here or in the price package: add providers.${name}.prices["${model}"] with inputPerMillion and outputPerMillion (0 where it costs nothing)`;
  }
  return before.includes(teacher) ? 'is named before already; remove it' : undefined;
}
