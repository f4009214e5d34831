/**
 * What is true of a running gateway: for `GET /admin/status`, and so for `kolben doctor`.
 *
 * Nothing secret and nobody's words: names, numbers and what the configuration says of safety.
 *
 * @module
 */
import type { Route } from '@kolben/store';
import type { Limits } from '../config/limits-schema.ts';
import type { Config } from '../config/schema.ts';
import type { Backlog, Recorder } from '../record/recorder.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import { version } from '../version.ts';

export interface TaskStatus {
  name: string;
  kind: Config['tasks'][string]['kind'];
  /** `provider/model` */
  teacher: string;
  route: Route;
  /** Id or folder of the student in service; null where there is none. */
  student: string | null;
  /** Whether personal data is taken out of its texts before they are stored. */
  redacted: boolean;
}

export interface GatewayStatus {
  version: string;
  /** ISO 8601. */
  startedAt: string;
  /** The gateway's clock, ISO 8601. */
  now: string;
  host: string;
  dataDirectory: string;
  tasks: TaskStatus[];
  limits: Limits;
  retention: { textDays: number | null };
  /** Calls that aren't in the database yet, and whether the disk takes any. */
  unrecorded: Backlog & { failing: boolean };
  /** Calls of a gateway that had been killed, put into the database at the start of this one. */
  recovered: number;
}

export interface StatusSources {
  config: Config;
  host: string;
  dataDirectory: string;
  startedAt: Date;
  tasks: ReadonlyMap<string, Task>;
  book: TaskBook;
  recorder: Recorder;
  recovered: number;
}

export async function statusOf(sources: StatusSources): Promise<GatewayStatus> {
  const { config, recorder } = sources;
  return {
    version,
    startedAt: sources.startedAt.toISOString(),
    now: new Date().toISOString(),
    host: sources.host,
    dataDirectory: sources.dataDirectory,
    tasks: await Promise.all([...sources.tasks.values()].map((task) => taskStatus(task, sources))),
    limits: config.limits,
    retention: { textDays: config.retention.textDays ?? null },
    unrecorded: { ...recorder.waiting, failing: recorder.isFailing },
    recovered: sources.recovered,
  };
}

async function taskStatus(task: Task, { config, book }: StatusSources): Promise<TaskStatus> {
  const { route, student } = await book.state(task);
  const { kind, teacher, redaction } = config.tasks[task.name]!;
  return {
    name: task.name,
    kind,
    teacher,
    route,
    student: student ? (student.id ?? student.directory) : null,
    redacted: redaction === undefined,
  };
}
