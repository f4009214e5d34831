import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** The state of the machine a figure was measured on; without it a figure means nothing. */
export interface Machine {
  cpu: string;
  /** Cores this process may use, which in a container can be fewer than the machine has. */
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
  /** Mean number of runnable processes over the last minute, before the bench began; 0 where it is unknown. */
  load: number;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The machine in one line, and a second one when something else is at work on it. */
export function describeMachine({ cpu, cores, memoryGiB, platform, node, load }: Machine): string {
  const line = `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryGiB} GiB, ${platform}, Node ${node}, load ${load}`;
  return load > cores / 4
    ? `${line}\nSomething else is at work here: the times below are longer than this machine's own.`
    : line;
}
