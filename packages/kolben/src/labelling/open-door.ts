/**
 * The gateway that a teacher is asked through: one that runs already, or one of our own for as long as the work lasts.
 *
 * Either way prices, ledger, recording and limits are the gateway's, and labelling knows no provider.
 *
 * @module
 */
import { type Config, type GatewayDoor, lineLog, splitTeacher, startGateway } from '@kolben/gateway';
import type { Store } from '@kolben/store';
import { UsageError } from '../cli/errors.ts';

/** A key outlives a process that is killed by no more than this. Milliseconds. */
const keyLifeMs = 7 * 24 * 60 * 60 * 1000;

export interface OpenDoor extends GatewayDoor {
  /** Resolves when every call answered so far is recorded and the gateway, if it is our own, has stopped. */
  close(): Promise<void>;
}

/**
 * A gateway in this process, on a port of loopback that the system chooses. It has this task alone and lets the teacher
 * answer, whatever the task's route is for others.
 *
 * @param concurrency calls under way at once
 */
export async function openOwnDoor(
  config: Config,
  store: Store,
  task: string,
  concurrency: number,
): Promise<OpenDoor> {
  const { student: _, ...settings } = config.tasks[task]!;
  const [provider] = splitTeacher(settings.teacher);
  const gateway = await startGateway({
    // Other providers' keys need not be at hand, nor other tasks' students in memory.
    config: {
      ...config,
      // And one question is one question: labelling counts what each may cost, and asks again by itself.
      providers: { [provider]: { ...config.providers[provider]!, retries: { times: 0 }, breaker: false } },
      tasks: { [task]: { ...settings, fallbacks: [], route: 'teacher' } },
      limits: { ...config.limits, concurrentCalls: Math.max(config.limits.concurrentCalls, concurrency) },
    },
    store: forTeacher(store),
    host: '127.0.0.1',
    port: 0,
    // A gateway that serves others may be up in the same folder.
    beside: true,
    // What goes wrong with the teacher is told by labelling itself; the log is for faults of the house.
    log: { ...lineLog(process.stderr, 'error'), warn() {} },
  });
  try {
    const { id, secret } = await store.keys.create({
      name: `kolben label ${task}`,
      scope: 'use',
      expiresAt: new Date(Date.now() + keyLifeMs),
    });
    return {
      url: gateway.url,
      key: secret,
      task,
      async close() {
        await gateway.close();
        await store.keys.revoke(id);
      },
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

/** @throws UsageError where the address is none, or no key is at hand */
export function remoteDoor(url: string, task: string, environment: NodeJS.ProcessEnv): OpenDoor {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError(`--gateway must be an address such as http://127.0.0.1:4141; it was '${url}'.`);
  const key = environment.KOLBEN_KEY;
  if (!key)
    throw new UsageError(
      "--gateway needs a key of that gateway in the environment variable KOLBEN_KEY; 'kolben keys create --name label' makes one.",
    );
  return { url, key, task, close: async () => {} };
}

/** The store as this gateway sees it: no switch of the route reaches it, so the teacher answers to the end. */
function forTeacher(store: Store): Store {
  const routes: Store['routes'] = {
    get: async () => 'teacher',
    list: () => store.routes.list(),
    set: (task, route) => store.routes.set(task, route),
    clear: (task) => store.routes.clear(task),
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'routes') return routes;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
