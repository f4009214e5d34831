import { answers } from './answers/index.ts';
import type { Bench } from './bench.ts';
import { consoleCalls } from './console.ts';
import { dataset } from './dataset/index.ts';
import { extract } from './extract.ts';
import { factory } from './factory.ts';
import { gateway } from './gateway/index.ts';
import { generation } from './generation.ts';
import { labels } from './labels.ts';
import { optimizers } from './optimizers/index.ts';
import { packing } from './packing.ts';
import { planning } from './plan.ts';
import { precision } from './precision/index.ts';
import { students } from './students.ts';
import { training } from './training/index.ts';

/** All benches, in the order in which they are listed. */
export const benches: readonly Bench[] = [
  students,
  factory,
  labels,
  answers,
  extract,
  dataset,
  training,
  packing,
  generation,
  gateway,
  consoleCalls,
  planning,
  optimizers,
  precision,
];
