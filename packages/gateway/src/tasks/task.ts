/**
 * The tasks of a configuration, each with what a call of it needs: its teachers, their prices, the estimator.
 *
 * @module
 */
import { permittedTeachers } from '../config/check-teachers.ts';
import { priceOf } from '../config/price-of.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';
import type { TaskConfig } from '../config/task-schema.ts';
import { TokenEstimator } from '../ledger/token-estimator.ts';
import type { Provider, Teacher, Teachers } from '../upstream/provider.ts';

export interface Task {
  name: string;
  config: TaskConfig;
  /**
   * Whom to ask, in order: the teacher, then its fallbacks, without those that the task's jurisdictions keep out. The
   * first is the one that calls are reckoned by where nobody was asked.
   */
  teachers: Teachers;
  /** Of the task's teachers the jurisdictions keep some out. */
  isFenced: boolean;
  estimator: TokenEstimator;
}

/**
 * Tasks by name.
 *
 * @param providers all that can be asked; those that a task may ask are among them
 */
export function tasksOf(config: Config, providers: ReadonlyMap<string, Provider>): ReadonlyMap<string, Task> {
  const tasks = new Map<string, Task>();
  for (const [name, task] of Object.entries(config.tasks)) {
    const permitted = permittedTeachers(config.providers, task);
    const [first, ...others] = permitted.map((teacher): Teacher => {
      const [providerName, model] = splitTeacher(teacher);
      const { price } = priceOf(config.providers[providerName]!, model)!;
      return { provider: providers.get(providerName)!, model, price };
    });
    tasks.set(name, {
      name,
      config: task,
      teachers: [first!, ...others],
      isFenced: permitted.length <= task.fallbacks.length,
      estimator: new TokenEstimator(),
    });
  }
  return tasks;
}
