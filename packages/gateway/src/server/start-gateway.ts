/**
 * Starts a gateway, and stops it without losing a call.
 *
 * @module
 */
import { inputText, openStudent } from '@kolben/distill';
import type { Store } from '@kolben/store';
import { statusOf } from '../admin/status.ts';
import { askQuietly, auditIdOf } from '../audit/ask-quietly.ts';
import { AuditDesk } from '../audit/audit-desk.ts';
import { Purse } from '../budgets/purse.ts';
import { TaskCaches } from '../cache/task-caches.ts';
import { permittedTeachers, usedProviders } from '../config/check-teachers.ts';
import { isLoopback } from '../config/is-loopback.ts';
import { parseConfig } from '../config/parse-config.ts';
import type { Config, ConfigInput } from '../config/schema.ts';
import { DriftCounter } from '../drift/drift-counter.ts';
import { askOwn } from '../inside/ask-own.ts';
import type { GatewayInside, Pages } from '../inside/gateway-inside.ts';
import { learnFromStore } from '../ledger/learn-from-store.ts';
import { type DecoderServer, serveDecoder } from '../local/decoder-server.ts';
import { type Log, lineLog } from '../log/log.ts';
import { Recorder } from '../record/recorder.ts';
import { withoutJournal } from '../record/without-journal.ts';
import { redactorsOfTasks } from '../redaction/redactors-of-tasks.ts';
import { Retention } from '../retention/retention.ts';
import type { StudentLoader } from '../students/student.ts';
import { StudentPool } from '../students/student-pool.ts';
import { choiceOf } from '../tasks/choice.ts';
import { type Task, tasksOf } from '../tasks/task.ts';
import { TaskBook } from '../tasks/task-book.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { Connections } from '../upstream/connections.ts';
import { providersOf } from '../upstream/provider.ts';
import { Upstream } from '../upstream/upstream.ts';
import { buildApp } from './app.ts';
import { CallSlots } from './call-slots.ts';
import type { Client } from './client-connection.ts';
import { hostCheck } from './host-check.ts';
import { listen, makeServer } from './http-server.ts';
import { serveModels } from './model-endpoints.ts';
import { Opened } from './opened.ts';
import type { Services } from './services.ts';

export interface GatewayOptions {
  config: ConfigInput | Config;
  /** Stays the caller's: the gateway does not close it. */
  store: Store;
  /** Instead of the configuration's. */
  host?: string;
  port?: number;
  /** Where events go; left out, warnings and errors go to standard error. */
  log?: Log;
  /** How a student folder is opened; left out, by `openStudent` of `@kolben/distill`. */
  loadStudent?: StudentLoader;
  /** Where the providers' keys are looked up; left out, in `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Work in the store's folder beside another gateway; without a journal and without retention, which are that one's.
   * For gateways that serve one piece of work, not for two that share the traffic.
   */
  beside?: boolean;
  /** Web pages beside the endpoints, under `/console`, made from what this gateway knows; left out, there are none. */
  pages?: (inside: GatewayInside) => Pages;
  /** How old a task's route and student may be before they are read again, milliseconds; left out, 250. */
  refreshMs?: number;
}

export interface Gateway {
  /** `http://127.0.0.1:4141`; OpenAI clients take this with `/v1` behind it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Resolves when every call answered so far is recorded, and audited where the lot fell on it. */
  flush(): Promise<void>;
  /**
   * Stops: takes no more calls, lets those under way come to their end (for `limits.drainMs`, then it hangs up),
   * records them, closes the students. Closing twice is no error.
   */
  close(): Promise<void>;
}

/**
 * Starts a gateway; resolves when it takes calls.
 *
 * @throws ConfigError where the configuration can't be used or a provider's key isn't in the environment
 * @throws ListenError where the address can't be listened on
 * @throws StoreInUseError where another gateway works in the store's folder
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { store } = options;
  const ownLog = options.log ?? lineLog(process.stderr, 'warn');
  const config = parseConfig(options.config);
  const { chips } = config.students;
  const load = options.loadStudent ?? ((directory: string) => openStudent(directory, { chips }));
  const host = options.host ?? config.host;
  const { limits } = config;
  const environment = options.environment ?? process.env;
  const clients = new Set<Client>();
  // Asked when the metrics are read, which nobody does before there is a server.
  const telemetry = await startTelemetry(config.telemetry, environment, {
    underWay: () => clients.size,
    backlog: () => recorder.waiting,
    suspended: () => upstream.suspended(),
  });
  const log = telemetry.listen(ownLog);
  const startedAt = new Date();
  const redactionOf = redactorsOfTasks(config);
  warnOf(config, host, log);
  const opened = new Opened();
  opened.add(() => telemetry.close());
  /** Whatever keeps the gateway from starting, nothing that it has opened stays open. */
  const orClose = async <T>(step: () => T | Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
  const journal = await orClose(() => (options.beside ? undefined : store.openJournal()));
  opened.add(() => journal?.close());
  const served = new Map<string, DecoderServer>();
  opened.add(() => Promise.all([...served.values()].map((server) => server.close())));
  await orClose(() => serveProviders(config, served));
  const providers = await orClose(() => providersOf(config, environment, served));
  if (journal && journal.recovered > 0) log.warn('calls_recovered', { calls: journal.recovered });

  const tasks = tasksOf(config, providers);
  const book = new TaskBook({
    store,
    log,
    aheadMs: 100,
    ...(options.refreshMs !== undefined && { refreshMs: options.refreshMs }),
  });
  const pool = new StudentPool({ load, log, chips });
  const connections = new Connections();
  opened.add(() => connections.close());
  opened.add(() => pool.close());
  const drift = new DriftCounter(store, log, (task) => config.tasks[task]!.driftAlarm);
  const upstream = new Upstream({ connections, responseBytes: limits.responseBytes, log });
  const purse = new Purse({ budgets: store.budgets, budget: config.budget, log });
  const teachers = { upstream, purse, log };
  const audits = new AuditDesk({
    store,
    log,
    redactorOf: (task) => redactionOf(task).redactCall,
    askQuietly: (call, request, signal) => askQuietly(teachers, call, request, signal, telemetry.audits),
    onAudit: (audit) => telemetry.audits.end(audit),
    release: (callId) => purse.release(auditIdOf(callId)),
    onWithdrawn: (task, digest) => book.withdraw(task, digest),
  });
  const recorder = new Recorder({
    journal: journal ?? withoutJournal(store),
    redactorOf: (task) => redactionOf(task).redactCall,
    log,
    limit: { calls: limits.unrecordedCalls, bytes: limits.unrecordedBytes },
  });
  let stopping: Promise<void> | undefined;
  const ending = new AbortController();

  const services: Services = {
    choice: choiceOf({ config, tasks, providers, store }),
    keys: store.keys,
    book,
    desks: {
      students: {
        pool,
        inputText,
        hookOf: (task) => redactionOf(task).hook,
        timeoutMs: limits.studentMs,
        log,
      },
      teachers,
      caches: new TaskCaches(store.calls, log),
      audits,
      drift,
    },
    recorder,
    slots: new CallSlots(limits.concurrentCalls),
    limits,
    clients,
    isMeant: hostCheck(host, config.allowedHosts),
    isStopping: () => stopping !== undefined,
    telemetry,
    pages: undefined,
    status: () =>
      statusOf({
        config,
        host,
        dataDirectory: store.directory,
        startedAt,
        tasks,
        book,
        recorder,
        recovered: journal?.recovered ?? 0,
      }),
    log,
  };
  const flush = async () => {
    await recorder.flush();
    await audits.flush();
    await drift.flush();
  };
  services.pages = options.pages?.({
    status: services.status,
    providers: () =>
      Object.keys(config.providers).map((name) => ({
        name,
        canBeAsked: providers.has(name),
        suspended: upstream.suspended().get(name) ?? false,
        leftAloneMs: upstream.leftAloneMs(name),
      })),
    ask: (question) => askOwn(services, question),
    flush,
    stopping: ending.signal,
    log,
  });
  const server = makeServer(buildApp(services), serveModels(services), limits);

  const port = await orClose(async () => {
    await learnFromStore(tasks.values(), store, log);
    await loadStudents(tasks.values(), book, pool);
    return listen(server, host, options.port ?? config.port);
  });
  const retention = options.beside ? undefined : Retention.start(store, config.retention, log);
  opened.add(() => retention?.stop());
  log.info('started', { host, port, tasks: tasks.size });

  const stop = async () => {
    ending.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const hangUp = setTimeout(() => {
      log.warn('calls_cut_off', { calls: clients.size });
      for (const client of clients) client.drop();
    }, limits.drainMs);
    while (clients.size > 0) {
      await Promise.all([...clients].map((client) => client.closed));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await recorder.close();
    await audits.close();
    await drift.flush();
    clearTimeout(hangUp);
    server.closeAllConnections();
    await closed;
    log.info('stopped');
    await opened.close();
  };

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    flush,
    close: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function warnOf(config: Config, host: string, log: Log): void {
  for (const [task, { redaction }] of Object.entries(config.tasks))
    if (redaction) log.warn('words_stored_as_they_are', { task });
  if (!isLoopback(host)) log.warn('open_to_the_network', { host });
  for (const [provider, { baseUrl, apiKeyEnv }] of Object.entries(config.providers)) {
    if (baseUrl === undefined) continue;
    const url = new URL(baseUrl);
    const isLocal = isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
    if (url.protocol === 'http:' && !isLocal && apiKeyEnv !== undefined)
      log.warn('provider_without_tls', { provider });
  }
  for (const [task, settings] of Object.entries(config.tasks)) {
    const permitted = permittedTeachers(config.providers, settings);
    for (const teacher of [settings.teacher, ...settings.fallbacks])
      if (!permitted.includes(teacher)) log.warn('teacher_outside_jurisdictions', { task, teacher });
  }
}

/**
 * Starts the decoders of providers that name a folder, those that a task may ask.
 *
 * @param served gets each when it is up
 * @throws KolbenError for a folder that holds no decoder
 */
async function serveProviders(config: Config, served: Map<string, DecoderServer>): Promise<void> {
  const used = usedProviders(config);
  for (const [name, { folder }] of Object.entries(config.providers))
    if (folder !== undefined && used.has(name)) served.set(name, await serveDecoder(folder));
}

/** So that the first call doesn't wait for a student. One that can't be loaded is no reason not to start. */
async function loadStudents(tasks: Iterable<Task>, book: TaskBook, pool: StudentPool): Promise<void> {
  for (const task of tasks) {
    const { route, student } = await book.state(task);
    if (route !== 'teacher' && student) (await pool.lease(task.name, student))?.release();
  }
}
