/**
 * What the process that asks is told, and what it tells.
 *
 * @module
 */

export interface Load {
  /** `http://127.0.0.1:4141` */
  origin: string;
  path: string;
  headers: Record<string, string>;
  /** Taken in turn. */
  bodies: string[];
  connections: number;
  /** For so long, unless a number of requests is given. */
  seconds: number;
  requests?: number;
  /** What every answer must end with, or it doesn't count. */
  ending: string;
}

/** Times are of whole answers, and to their first byte. Failed requests are in none of the figures. */
export interface Answers {
  answered: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  firstP50Ms: number;
  firstP99Ms: number;
  /** How often what went wrong. */
  failures: Record<string, number>;
}
