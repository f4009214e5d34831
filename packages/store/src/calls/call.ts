/**
 * A call: one recorded request with its answer, its price and its clock.
 *
 * The shapes only; the table is in `../schema.ts`, the writing in `recorder.ts`, the reading in `calls.ts`.
 *
 * @module
 */
import type { FailedAttempt } from '../performance/failed-attempt.ts';
import type { Answerer, Route } from '../route.ts';

export const callStatuses = ['ok', 'error', 'aborted'] as const;
/** `ok`: the client got its answer; `error`: it got an error; `aborted`: it left before the end. */
export type CallStatus = (typeof callStatuses)[number];

/** Tokens of a call, whole numbers ≥ 0. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** The part of `promptTokens` that the provider took from its cache. */
  cachedTokens?: number;
  /** The part of `promptTokens` that the provider put into its cache. */
  cacheWriteTokens?: number;
  /** The part of `completionTokens` that was thought and not said. */
  reasoningTokens?: number;
  /** The part of `promptTokens` that was sound. */
  audioInputTokens?: number;
  /** The part of `completionTokens` that was sound. */
  audioOutputTokens?: number;
  /** True where the provider sent no usage and the tokens were counted by Kolben. */
  estimated: boolean;
}

/** What the student said to this call, whether the client got it or not. */
export interface StudentAnswer {
  /** Id of the student, as in its registration. */
  id: string;
  answer: string;
  /** 0 … 1. */
  confidence: number;
  /** There was a certificate and `confidence` reached its threshold. */
  certified: boolean;
}

/** Why a call has no answer. The code is stored in the open (it can be counted), the message sealed. */
export interface CallError {
  /** Snake case, for programs: `upstream_timeout`. Never text of the call. */
  code: string;
  message: string;
}

/** How an input was found that labelling asked for: by lot, or chosen for what it teaches. */
export const draws = ['random', 'chosen'] as const;
export type Drawn = (typeof draws)[number];
/**
 * How a call came to be the teacher's, where that was no chance of the day: labelling drew it by lot or chose it, or a
 * student had left it to the teacher (`escalated`). Neither what was chosen nor what is escalated is a likeness of the
 * calls to come, so it must not judge a student.
 */
export type CallDrawn = Drawn | 'escalated';

/** What was asked of the gateway: a chat, vectors of texts, or OpenAI's newer form of both chat and tools. */
export const endpoints = ['chat', 'embeddings', 'responses'] as const;
export type Endpoint = (typeof endpoints)[number];

/** A call as the gateway hands it over. */
export interface NewCall {
  /** Unique; made by the store (see `newCallId`) where left out. */
  id?: string;
  /** When the request came in. */
  at: Date;
  /** `chat` where left out. */
  endpoint?: Endpoint;
  /** Null for a call that belongs to no task. */
  task: string | null;
  /** Id of the API key; null where no key was needed (the command line). */
  keyId: string | null;
  route: Route;
  answeredBy: Answerer;
  provider: string | null;
  model: string | null;
  /** The body of the request, any JSON object. */
  request: object;
  /** The complete answer (assembled from the stream when streamed); null where there is none. */
  response: object | null;
  status: CallStatus;
  /** Milliseconds from the request's arrival to the end of the answer, ≥ 0. */
  latencyMs: number;
  /** Milliseconds to the first token, where streamed. */
  ttftMs?: number | null;
  usage: Usage;
  /** What the call cost, in USD, ≥ 0. Stored as whole nano-USD. */
  cost: number;
  /** What the teacher alone would have cost, in USD, ≥ 0. Stored as whole nano-USD. */
  teacherCost: number;
  student?: StudentAnswer | null;
  streamed: boolean;
  /** What the client calls it by (`x-client-request-id`), if it does: at most 512 characters, not secret. */
  clientRequestId?: string | null;
  /** How it came to be the teacher's; null for a call as it came. */
  drawn?: CallDrawn | null;
  /** Whether the lot fell on it to be asked of student and teacher both. Default false. */
  audited?: boolean;
  /** Whether both gave the same answer, where both are known already. */
  agreed?: boolean | null;
  error?: CallError | null;
  /** Why it was this one who answered, for programs: `confident`, `unsure`, … Stored in the open. */
  reason?: string | null;
  /** Who was asked and failed before `provider` was asked, or was asked once more; left out: nobody. */
  failedBefore?: readonly FailedAttempt[];
  /** Milliseconds of `latencyMs` that were over when `provider` was asked (the last time); null or left out: nobody failed. */
  waitedMs?: number | null;
}

/** What may be known of a call only after its answer has gone out. */
export type LaterFacts = Partial<Pick<NewCall, 'status' | 'student' | 'agreed'>>;

/** A call as it is read back. */
export interface Call {
  id: string;
  at: Date;
  endpoint: Endpoint;
  task: string | null;
  keyId: string | null;
  route: Route;
  answeredBy: Answerer;
  provider: string | null;
  model: string | null;
  /** Null once its text has been deleted (retention); the figures of a call outlive its words. */
  request: Record<string, unknown> | null;
  response: Record<string, unknown> | null;
  status: CallStatus;
  latencyMs: number;
  ttftMs: number | null;
  usage: Required<Usage>;
  /** USD. */
  cost: number;
  /** USD. */
  teacherCost: number;
  /** `answer` is null once the call's text has been deleted. */
  student: { id: string; answer: string | null; confidence: number; certified: boolean } | null;
  streamed: boolean;
  clientRequestId: string | null;
  drawn: CallDrawn | null;
  audited: boolean;
  /** Whether student and teacher gave the same answer; null where there are no two to compare. */
  agreed: boolean | null;
  /** What the teacher answered in the background, where the client had the student's answer; null elsewhere. */
  auditResponse: Record<string, unknown> | null;
  error: { code: string; message: string | null } | null;
  /** Why it was this one who answered; null in calls that were recorded before this was. */
  reason: string | null;
}

/** Where a page of calls ended; hand it to the next `list` to go on. Any `Call` is one. */
export interface CallCursor {
  at: Date;
  id: string;
}

/** What is left out doesn't matter. */
export interface CallFilter {
  /** Null: calls that belong to no task. */
  task?: string | null;
  /** Calls that came in at or after this moment. */
  since?: Date;
  /** Calls that came in before this moment. */
  until?: Date;
  endpoint?: Endpoint;
  route?: Route;
  answeredBy?: Answerer;
  status?: CallStatus;
  errorCode?: string;
  /** Why it was this one who answered. */
  reason?: string;
  provider?: string;
  model?: string;
  keyId?: string;
  /** Id of a student that said something to them. */
  student?: string;
  drawn?: CallDrawn;
  /** The student's confidence, 0 … 1, both ends included; calls to which no student spoke have none. */
  minConfidence?: number;
  maxConfidence?: number;
  /** Whether the student's confidence reached the threshold of its certificate. */
  certified?: boolean;
  /** Whether the lot fell on them to be asked of both. */
  audited?: boolean;
  /** Whether student and teacher gave the same answer, where both spoke. */
  agreed?: boolean;
}

export const callGrains = ['hour', 'day'] as const;
/** Of UTC. */
export type CallGrain = (typeof callGrains)[number];

/** The calls of an hour or a day. */
export interface CallsInTime {
  /** When it begins. */
  at: Date;
  calls: number;
  /** By who answered, and those that nobody could answer. */
  teacher: number;
  student: number;
  cache: number;
  failed: number;
  /** USD. */
  cost: number;
  /** What the teacher alone would have cost, USD. */
  teacherCost: number;
}

export interface CallSearch extends CallFilter {
  /** What must be said in the call, by its client or in an answer, in upper or lower case; 1 … 1,000 characters. */
  text: string;
  /** Only calls older than this one (or than this moment). */
  before?: CallCursor | Date;
  /** Ends after so many calls were looked at (10,000 where left out), or so many hits (100). */
  mostCalls?: number;
  mostHits?: number;
  signal?: AbortSignal;
}

/** How far a search has come. */
export interface SearchStep {
  /** Those found since the step before. */
  hits: Call[];
  /** Calls of the filter looked at so far, and those of them whose words have been deleted. */
  looked: number;
  wordless: number;
  /** The last one looked at. */
  reached: CallCursor | null;
  /** It ended before all calls were looked at; go on with this as `before`. */
  next: CallCursor | null;
  done: boolean;
}

/** Calls to which a student gave its word, counted by what came of it. */
export interface Agreement {
  /** Calls, and those of them at or above the certificate's threshold. */
  calls: number;
  certified: number;
  /** Of the certified ones: compared with the teacher's answer, and found to be another one. */
  compared: number;
  disagreed: number;
}

export interface AgreementFilter {
  task: string;
  /** As calls name it. */
  student: string;
  route: Route;
  /** Calls that came in at or after this moment. */
  since?: Date;
}

export interface CallPage extends CallFilter {
  /** At most so many, newest first; 1 … 1,000, 50 where left out. */
  limit?: number;
  /** Only calls older than this one (or than this moment). */
  before?: CallCursor | Date;
  /** Passes over so many of them first, a whole number ≥ 0; 0 where left out. */
  skip?: number;
}

/** How many of a task's calls with a teacher's good answer one model of one provider answered. */
export interface TeacherAnswers {
  provider: string | null;
  model: string | null;
  calls: number;
}

/** Reading and recording calls. */
export interface Calls {
  /**
   * Records a call; resolves with its id once it is committed to the disk. Calls recorded together share a
   * commit, so don't wait for one before recording the next.
   *
   * @throws StoreOverloadedError when calls come in faster than the disk takes them
   * @throws CallExistsError when there is a call of this id already
   */
  record(call: NewCall): Promise<string>;
  /** Newest first. */
  list(page?: CallPage): Promise<Call[]>;
  get(id: string): Promise<Call | undefined>;
  /** @param signal ends a count that goes through very many calls */
  count(filter?: CallFilter & Pick<CallPage, 'before'>, signal?: AbortSignal): Promise<number>;
  /** Hours or days in which there were calls, the oldest first. */
  timeline(filter: CallFilter, grain: CallGrain, signal?: AbortSignal): Promise<CallsInTime[]>;
  /**
   * Opens the words of the filtered calls, newest first, and gives those in which the text is said, with a word from time
   * to time of how far it has come. The last step is `done`.
   *
   * @throws the signal's reason once it is aborted
   */
  search(search: CallSearch): AsyncIterable<SearchStep>;
  /** Whether the call's words are still there: false where they have been deleted, or there is no such call. */
  hasText(id: string): Promise<boolean>;
  /**
   * How many calls of the task have a teacher's good answer to learn from.
   *
   * @param filter `random`: only those that are a random sample of all calls, and may judge a student
   */
  countTeachable(task: string, filter?: { since?: Date; random?: boolean }): Promise<number>;
  /** Who gave the answers of `countTeachable`, the most first. @param filter `until`: calls that came in later don't count */
  teachers(task: string, filter?: { until?: Date }): Promise<TeacherAnswers[]>;
  agreement(filter: AgreementFilter): Promise<Agreement>;
  /** Writes down in which split of a dataset the inputs of these calls are. */
  markSplits(splits: ReadonlyMap<string, string>): Promise<void>;
  /**
   * The task's chats that a teacher answered well, to the client or in the background of an audit, as examples, oldest
   * first. Where a person decided that another answer is right, that is the answer, and `extra` says so: `decided` (who was
   * right), `decidedAt` (ISO 8601) and `teacherAnswer`; where nobody can tell, the answer stays the teacher's and `decided` is
   * `undecidable`. Read page by page, so a million calls need no more memory than a hundred. Calls without text, without a text answer or cut short by the
   * token limit are left out.
   */
  examples(task: string, filter?: { since?: Date }): AsyncIterable<Example>;
  /**
   * Deletes for good the text of all calls that came in before this moment (overwritten in the file, the log
   * emptied); their figures stay, for the ledger must add up. Returns how many calls lost their text.
   */
  deleteTextBefore(moment: Date): Promise<number>;
}

/** One message of a chat. `content` is text; see `readExamples` of `@kolben/distill` for other shapes. */
export interface Message {
  role: string;
  content: string;
}

/** An input with, where there is one, the teacher's answer. */
export interface Example {
  /** The input, without the teacher's answer. */
  messages: Message[];
  /** The teacher's answer; undefined: the teacher has still to be asked. */
  answer: string | undefined;
  id?: string;
  at?: Date;
  /** Examples of one conversation stay on one side of every split. */
  conversation?: string;
  /** The split in which the input is in an earlier version of the dataset. Only the store knows it. */
  split?: string;
  /** Whatever else the source said. */
  extra: Record<string, unknown>;
}
