/**
 * What the bench of the gateway finds.
 *
 * @module
 */
import type { Spread } from '../training/statistics.ts';

/** Of one side at one number of connections: over the rounds. */
export interface SideFigures {
  requestsPerSecond: Spread;
  /** Of whole answers, end to end, milliseconds. */
  p50Ms: Spread;
  p99Ms: Spread;
  /** The same less what asking the upstream directly took in the same round. */
  addedP50Ms: Spread;
  addedP99Ms: Spread;
  /** To the first byte of the answer. */
  firstByteP50Ms: Spread;
  /** Time on cores per call, microseconds, all threads; null where the system doesn't tell. */
  cpuMicroseconds: Spread | null;
  /** Resident memory after the last round, MiB. */
  memoryMiB: number | null;
}

export interface Scene {
  streamed: boolean;
  connections: number;
  /** Asking the upstream without a gateway. */
  direct: { requestsPerSecond: Spread; p50Ms: Spread; p99Ms: Spread };
  kolben: SideFigures;
  peer: SideFigures;
  /** Of each round, Kolben's requests a second over the peer's. */
  ratios: number[];
  ratio: Spread;
}

export interface StudentFigures {
  connections: number;
  answersPerSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
}

export interface MemoryFigures {
  calls: number;
  /** After each of the equal parts of the calls, the first part included, MiB. */
  samplesMiB: number[];
  /** Of the straight line through the second half of the samples, MiB per 100,000 calls. */
  slopeMiB: number;
}

export interface GatewayResult {
  peer: { name: string; version: string };
  rounds: number;
  secondsPerTurn: number;
  /** Bytes of a request and of its plain and streamed answer. */
  bytes: { request: number; plain: number; streamed: number };
  scenes: Scene[];
  students: StudentFigures[] | null;
  memory: MemoryFigures | null;
  /** Calls that Kolben answered, and those found in its store afterwards. */
  answered: number;
  recorded: number;
  /** Mean number of runnable processes over the last minute, when the bench ended; the bench's own are among them. */
  loadAtEnd: number;
}
