/**
 * What `distill` reports of its progress, as phases that people follow.
 *
 * @module
 */
import type { DistillProgress, LabelProgress } from '@kolben/distill';
import type { Phase, Progress } from './progress.ts';
import { count, counted, dollars, duration } from './words.ts';

const titles: Record<DistillProgress['phase'], string> = {
  base: 'Fetching the base',
  dataset: 'Reading the examples',
  prepare: 'Preparing the run',
  train: 'Training',
  certify: 'Measuring and certifying',
  write: 'Writing the student',
};

/** A listener for `distill`'s `onProgress`. Call the returned `end` when `distill` has ended, however it did. */
export function showDistill(progress: Progress): {
  onProgress(event: DistillProgress): void;
  /** For labelling that goes on beside it. */
  onLabelProgress(event: LabelProgress & { readonly total: number }): void;
  end(): void;
} {
  let labelling = '';
  let open:
    | {
        phase: DistillProgress['phase'];
        shown: Phase;
        begun: number;
        firstLoss?: number;
        last?: DistillProgress;
      }
    | undefined;
  const end = () => {
    if (open?.phase === 'train' && open.last?.done === open.last?.total && open.last !== undefined) {
      const { done = 0, loss } = open.last;
      const fell =
        loss === undefined || open.firstLoss === undefined
          ? ''
          : `; loss from ${open.firstLoss.toFixed(2)} to ${loss.toFixed(2)}`;
      open.shown.done(
        `Trained ${counted(done, 'step')} in ${duration((performance.now() - open.begun) / 1000)}${fell}.`,
      );
    } else {
      open?.shown.stop();
    }
    open = undefined;
  };
  return {
    onProgress(event) {
      if (open?.phase !== event.phase) {
        end();
        const unit = event.phase === 'train' ? 'steps' : '';
        open = {
          phase: event.phase,
          shown: progress.phase(titles[event.phase], event.total, unit),
          begun: performance.now(),
        };
      }
      if (event.note !== undefined) {
        open.shown.done(`Read ${event.note}.`);
        return;
      }
      open.last = event;
      if (event.phase === 'base' && event.done !== undefined && event.done === event.total)
        open.shown.done('The base is here.');
      if (event.loss !== undefined) open.firstLoss ??= event.loss;
      if (event.done !== undefined) {
        const loss = event.loss === undefined ? [] : [`loss ${event.loss.toFixed(2)}`];
        const said = [...loss, ...(labelling === '' ? [] : [labelling])];
        open.shown.update(event.done, said.length === 0 ? undefined : said.join(' · '));
      }
    },
    onLabelProgress({ done, total, spent }) {
      labelling = done < total ? `${count(done)} of ${count(total)} labelled, ${dollars(spent)}` : '';
      // Until training tells of its steps, this is what moves.
      if (open && open.phase !== 'train') open.shown.update(done, labelling);
    },
    end,
  };
}
