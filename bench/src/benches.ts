import type { Bench } from './bench.ts';
import { students } from './students.ts';

/** All benches, in the order in which they are listed. */
export const benches: readonly Bench[] = [students];
