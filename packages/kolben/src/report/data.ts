/**
 * What a report shows, as plain data: it can be stored as JSON and drawn again later.
 *
 * A report tells of one training, and, where there was one, of the service that followed it.
 *
 * @module
 */
import type { Certificate } from '@kolben/distill';
import type { Timeline } from '@kolben/engine';

/** Who answered the calls that the student learned from. */
export interface TeacherFacts {
  /** `provider/model`. */
  name: string;
  /** `replay`: stored answers of people, served as if by a model. */
  kind: 'model' | 'replay' | 'file';
  /** One or two sentences for people, shown as they are. */
  about: string;
  /** USD per million tokens; absent where nothing is known of prices. */
  price?: {
    inputPerMillion: number;
    outputPerMillion: number /** Where the figures come from. */;
    source: string;
  };
}

/** Counts by the teacher's label (rows) and the student's (columns), both in the order of `labels`. */
export interface Confusion {
  labels: string[];
  counts: number[][];
}

/** Milliseconds. */
export interface Latency {
  n: number;
  p50: number;
  p99: number;
}

/** What the student did behind the gateway, with inputs it had never seen. */
export interface ServiceFacts {
  /** What one input is called: `mail`, `mails`. */
  noun: { one: string; many: string };
  /** Inputs that were put to the gateway. */
  asked: number;
  answeredByStudent: number;
  /** Of the student's answers, those the teacher was asked about too, in order to measure. */
  checked: number;
  /** Of those checked, the ones in which student and teacher agree. */
  agreed: number;
  /** Two-sided 95 % interval of `agreed / checked`. */
  interval: [number, number];
  confusion: Confusion;
  latency: { student: Latency | null; teacher: Latency | null /** How it was measured. */; about: string };
  cost: {
    /** USD: what the cascade cost. */
    paid: number;
    /** USD: what the teacher alone would have cost for the same inputs. */
    teacherAlone: number;
    /** USD: what recording the calls for training cost. */
    recording: number;
    /** USD: what asking the teacher about the student's answers cost; only needed in order to measure. */
    checking: number;
  };
  seconds: number;
}

export interface LossPoint {
  /** From 1. */
  step: number;
  /** Nats. */
  loss: number;
}

export interface TrainingFacts {
  seconds: number;
  /** Words read, without what fills up short texts. */
  tokens: number;
  tokensPerSecond: number;
  /** Share of the computed positions that only fill up short texts, 0 to 1. */
  paddingShare: number;
  steps: number;
  chips: number;
  schedule: string;
  /** Share of waiting, 0 to 1. */
  bubble: number;
  losses: { train: LossPoint[]; validation: (LossPoint & { agreement?: number })[] };
  /** A stretch of the real run, and the same stretch simulated from the measured times. */
  timeline?: { real: Timeline; simulated: Timeline; about: string };
}

export interface ReportData {
  /** The task's name. */
  task: string;
  kind: string;
  /** None where answers aren't labels. */
  labels: string[];
  /** ISO 8601. */
  generatedAt: string;
  /** The version of Kolben. */
  version: string;
  /** What to type in order to get this again. */
  command: string;
  teacher: TeacherFacts;
  /** How many recorded calls it learned from; absent where the examples came from a file. */
  calls?: number;
  service?: ServiceFacts;
  dataset: {
    n: number;
    train: number;
    validation: number;
    tune: number;
    calibration: number;
    test: number;
    duplicatesRemoved: number;
    conflicts: number;
    /** How often the teacher agreed with itself where it was asked the same thing more than once; null: it never was. */
    selfAgreement?: { inputs: number; agreement: number } | null;
    /** What the user should know, each one sentence. */
    warnings?: string[];
  };
  training: TrainingFacts;
  test: { n: number; agreement: number; interval: [number, number]; confusion: Confusion | null };
  baselines: { majority: number; ngramLinear: number | null };
  certificate: Certificate | null;
  /** Why there is no certificate. */
  reason?: string;
  lineage: { student: string; digest: string; datasetDigest: string; seed: number };
  machine: { cpu: string; cores: number; memoryGiB: number; node: string; system: string };
}
