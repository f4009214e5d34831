/**
 * How tasks stand: all at a glance, and one with its student, what watches its risk, drift, and what comes next.
 *
 * Pages look at it every second: what takes reading a model or all calls through is kept (`KnownFacts`, `NextSteps`), and
 * the courses of charts are asked for by who draws them, when there are others.
 *
 * @module
 */
import { resolve } from 'node:path';
import { alarmOf, readWatch } from '@kolben/distill';
import { ApiError, findDrift } from '@kolben/gateway';
import { routeNeeds } from '@kolben/gateway/tasks';
import { type ConsoleServices, nowOf } from '../services.ts';
import { serviceOf } from '../students/service-of.ts';
import { certificateOf, type ShortCertificate } from './certificate-of.ts';
import { type FolderFacts, KnownFacts } from './folder-facts.ts';
import { NextSteps } from './next-steps.ts';
import { type WealthPoint, wealthCourse } from './wealth-course.ts';

const driftDays = 7;
/** As many as are read at once. */
const mostAudits = 1_000;

/** The student that would answer. */
interface Answering {
  /** As calls name it; of a folder of the configuration that can't be read, its path. */
  id: string;
  digest: string;
  certificate: ShortCertificate | null;
  facts: FolderFacts | undefined;
}

export class TaskReader {
  readonly #services: ConsoleServices;
  readonly #folders = new KnownFacts();
  readonly #steps: NextSteps;

  constructor(services: ConsoleServices) {
    this.#services = services;
    this.#steps = new NextSteps(services);
  }

  /** @throws ApiError 404 */
  configured(task: string) {
    const { tasks } = this.#services.config;
    if (Object.hasOwn(tasks, task)) return tasks[task]!;
    throw new ApiError(404, 'task_unknown', 'There is no such task in the configuration.', {
      type: 'invalid_request_error',
    });
  }

  async all() {
    const { store, config, inside } = this.#services;
    const { tasks } = await inside.status();
    return {
      tasks: await Promise.all(
        tasks.map(async ({ name, kind, teacher, route }) => {
          const isPinned = config.tasks[name]?.student !== undefined;
          // All folders would be too much to look into.
          const found = isPinned ? await this.#answering(name) : await store.students.current(name);
          const answering = found && { ...found, certificate: certificateOf(found.certificate) };
          const { disagreements, decided } = await store.decisions.counts(name);
          const done = Object.values(decided).reduce((sum, n) => sum + n, 0);
          return {
            ...{ name, kind, teacher, route, undecided: disagreements - done },
            certificate: answering?.certificate ?? null,
            /** Null: there is no student. */
            state: answering ? (await this.#service(name, answering)).state : null,
          };
        }),
      ),
    };
  }

  /** @throws ApiError 404 */
  async one(name: string) {
    const { store, config } = this.#services;
    const { kind, teacher, audit, route: configured, driftAlarm, budget } = this.configured(name);
    const route = (await store.routes.get(name)) ?? configured;
    const answering = await this.#answering(name);
    const month = await store.budgets.spending();
    const standing = `${route} ${answering?.id} ${answering?.digest}`;
    return {
      ...{ name, kind, teacher: [teacher].flat()[0]!, audit, route, configured },
      needs: {
        shadow: await routeNeeds({ store, config, task: name }, 'shadow'),
        cascade: await routeNeeds({ store, config, task: name }, 'cascade'),
      },
      student: answering ? await this.#student(name, answering) : null,
      drift: answering ? await this.#drift(name, answering, driftAlarm) : null,
      budget: {
        usdPerMonth: budget?.usdPerMonth ?? null,
        spent: month.find((row) => row.subject === 'task' && row.name === name)?.spent ?? 0,
      },
      disagreements: await store.decisions.counts(name),
      next: await this.#steps.of(name, standing),
    };
  }

  /** The risk–coverage curve on calibration; empty where no scores were kept. @throws ApiError 404 */
  async curve(name: string): Promise<Pick<FolderFacts, 'curve' | 'certified'>> {
    this.configured(name);
    const { curve = [], certified = null } = (await this.#answering(name))?.facts ?? {};
    return { curve, certified };
  }

  /** The wealth of the test by betting after each audit; empty where there are too many to tell. @throws ApiError 404 */
  async wealth(name: string): Promise<WealthPoint[]> {
    const { store } = this.#services;
    this.configured(name);
    const digest = (await this.#answering(name))?.digest;
    const kept = digest === undefined ? undefined : await store.watches.get(name, digest);
    if (digest === undefined || !kept) return [];
    const state = readWatch(kept.state);
    if (state.audits > mostAudits) return [];
    return wealthCourse(state, await store.watches.list(name, digest, { limit: mostAudits }));
  }

  async #answering(task: string): Promise<Answering | undefined> {
    const { store, config } = this.#services;
    const folder = config.tasks[task]?.student;
    if (folder !== undefined) {
      const facts = await this.#folders.get(folder);
      const id = facts?.digest ?? resolve(folder);
      return { id, digest: id, certificate: certificateOf(facts?.certificate), facts };
    }
    const current = await store.students.current(task);
    if (!current) return undefined;
    const { id, digest, directory } = current;
    const found = await this.#folders.get(directory);
    const facts = found?.digest === digest ? found : undefined;
    return { id, digest, certificate: certificateOf(facts?.certificate ?? current.certificate), facts };
  }

  #service(task: string, { digest, certificate }: Pick<Answering, 'digest' | 'certificate'>) {
    return serviceOf(this.#services, { task, digest, isCurrent: true, isCertified: certificate !== null });
  }

  async #student(task: string, answering: Answering) {
    const { id, digest, certificate, facts } = answering;
    const { store } = this.#services;
    const registered = await store.students.get(id);
    const kept = await store.watches.get(task, digest);
    const state = kept && readWatch(kept.state);
    const alarm = state && alarmOf(state);
    return {
      ...{ id, digest, certificate },
      ...(await this.#service(task, answering)),
      createdAt: registered?.createdAt.toISOString() ?? null,
      isRegistered: registered !== undefined,
      /** Its folder can be read, and holds this very student. */
      isWhole: facts !== undefined,
      risk:
        state && alarm
          ? {
              ...{ audits: state.audits, disagreements: state.losses, alpha: state.alpha },
              ...{ wealth: alarm.wealth, threshold: alarm.threshold },
            }
          : null,
    };
  }

  /** Null where there is nothing to compare with. */
  async #drift(task: string, student: Answering, threshold: number) {
    const calibrated = student.facts?.calibrated;
    if (calibrated === undefined) return null;
    const { confidence, unknownGrams, drifted } = await findDrift(this.#services.store, {
      ...{ task, student, calibrated, threshold, days: driftDays, now: nowOf(this.#services) },
    });
    return { confidence, unknownGrams, drifted: drifted.map(String), threshold, days: driftDays };
  }
}
