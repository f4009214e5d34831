/**
 * The machine that a figure was measured on.
 *
 * @module
 */
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { ReportData } from './data.ts';

export function machineFacts(): ReportData['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    system: `${platform()} ${arch()}`,
  };
}
