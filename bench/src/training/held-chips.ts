/**
 * Chips that begin a step only when they may: what makes a run stop and go on at a word.
 *
 * A run hands out steps ahead of time. These chips keep what they have been handed until it is allowed.
 *
 * @module
 */
import type { Chip, Schedule, Span, Timeline } from '@kolben/engine';

type RequestName = Parameters<Chip['request']>[0];

interface Report {
  readonly step: number;
  readonly loss: number | undefined;
  readonly times: Float64Array;
}

export class HeldChips {
  /** To be given to `train`. */
  readonly chips: readonly Chip[];
  #allowed = 0;
  #done = 0;
  #waiting: (() => void)[] = [];
  #finished: (() => void)[] = [];
  readonly #reports = new Map<number, (Report | undefined)[]>();

  constructor(chips: readonly Chip[]) {
    this.chips = chips.map((chip, index) => {
      const request = async (name: RequestName, body: unknown, memory?: ArrayBuffer[]): Promise<unknown> => {
        if (name !== 'step') return chip.request(name, body as never, memory);
        const { step } = body as { step: number };
        while (step >= this.#allowed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        const report = (await chip.request('step', body as never, memory)) as Report;
        this.#note(report, index);
        return report;
      };
      return Object.create(chip, { request: { value: request } }) as Chip;
    });
  }

  /** Lets all chips do so many steps more; answers their reports, by step and chip, when all have. */
  async run(steps: number): Promise<(readonly Report[])[]> {
    this.#allowed += steps;
    for (const go of this.#waiting.splice(0)) go();
    while (this.#done < this.#allowed) await new Promise<void>((resolve) => this.#finished.push(resolve));
    const reports = [...this.#reports].sort(([a], [b]) => a - b).map(([, byChip]) => byChip as Report[]);
    this.#reports.clear();
    return reports;
  }

  /** Keeps nothing back any more, so that a run that is being stopped comes to its end. */
  release(): void {
    this.#allowed = Number.POSITIVE_INFINITY;
    for (const go of this.#waiting.splice(0)) go();
  }

  #note(report: Report, index: number): void {
    const byChip = this.#reports.get(report.step) ?? this.chips.map(() => undefined);
    byChip[index] = report;
    this.#reports.set(report.step, byChip);
    if (byChip.includes(undefined)) return;
    this.#done++;
    if (this.#done === this.#allowed) for (const go of this.#finished.splice(0)) go();
  }
}

/** What the reports say, as a timeline in milliseconds, steps counted from 0. The schedule has no overlapped pairs. */
export function timelineOfReports(schedule: Schedule, steps: readonly (readonly Report[])[]): Timeline {
  const spans: Span[] = steps.flatMap((reports, step) =>
    reports.flatMap(({ times }, chip) =>
      schedule.chips[chip].flatMap((instruction, i): Span[] => {
        if (instruction.kind === 'overlapped') return [];
        const { kind, stage } = instruction;
        return [
          {
            chip,
            kind,
            stage,
            ...('microbatch' in instruction ? { microbatch: instruction.microbatch } : {}),
            ...('payload' in instruction ? { payload: instruction.payload } : {}),
            step,
            start: times[2 * i],
            end: times[2 * i + 1],
          },
        ];
      }),
    ),
  );
  return { chips: schedule.chips.length, spans };
}
