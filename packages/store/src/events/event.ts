/**
 * What happened to a task's students and routes: written down for the operator. The work is in `events.ts`.
 *
 * The audit log tells what people did; this tells what Kolben did, and why.
 *
 * @module
 */

export interface NewEvent {
  /** Now, where left out. */
  at?: Date;
  task: string;
  /** Snake case: `student_withdrawn`, `student_trained`, `route_set`, … */
  what: string;
  /** As calls name it. */
  student?: string | null;
  /** Figures and reasons, JSON. Stored in the open: no text of calls. */
  detail?: Record<string, unknown>;
}

export interface Event {
  id: string;
  at: Date;
  task: string;
  what: string;
  student: string | null;
  detail: Record<string, unknown>;
}

export interface EventPage {
  task?: string;
  /** Only events of these kinds. */
  what?: readonly string[];
  /** At most so many, newest first; 1 … 1,000, 100 where left out. */
  limit?: number;
  /** Only events before this moment. */
  before?: Date;
}

export interface Events {
  add(event: NewEvent): Promise<Event>;
  /** Newest first. */
  list(page?: EventPage): Promise<Event[]>;
}
