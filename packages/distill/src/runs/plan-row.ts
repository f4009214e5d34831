/**
 * A plan that was weighed, in figures that fit a table.
 *
 * @module
 */
import type { Plan, PlanCandidate } from '@kolben/engine';
import type { PlanRow, RunPlan } from './run-facts.ts';

export function planRow(candidate: PlanCandidate): PlanRow {
  const { name, stages, replicas, microbatches, recompute, stepMs, bubble, memory, fits, chips, threads } =
    candidate;
  return {
    schedule: name,
    chips,
    threads,
    stages: stages.map((blocks) => [...blocks]),
    replicas,
    microbatches,
    recompute,
    stepMs: Math.round(stepMs * 1000) / 1000,
    bubble: Math.round(bubble * 10_000) / 10_000,
    memoryBytesPerChip: memory.map(({ total }) => Math.round(total)),
    fits,
  };
}

/** Of candidates of the same schedule on the same chips, the fastest; they are sorted by time. */
export function bestOfEach(candidates: readonly PlanCandidate[], choice: PlanCandidate): PlanCandidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    const { name, chips, threads, recompute } = candidate;
    const key = `${name} ${chips} ${threads} ${recompute}`;
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst || candidate === choice;
  });
}

export function runPlan({ choice, candidates, why, reason }: Plan): RunPlan {
  const shown = bestOfEach(candidates, choice);
  return {
    choice: planRow(choice),
    candidates: shown.map(planRow),
    hidden: candidates.length - shown.length,
    why,
    reason,
  };
}
