/**
 * A text with each word marked by what it contributes to an answer: for it or against it, strongly or weakly.
 *
 * @module
 */
import type { ReactNode } from 'react';
import { finite } from './finite.ts';
import { useChart } from './settings.tsx';

export interface WeighedWord {
  /** Where it stands in the text: UTF-16 units, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** Above 0: it speaks for the answer. */
  readonly contribution: number;
}

export interface MarkedTextProps {
  readonly text: string;
  /** In order, without overlap. */
  readonly words: readonly WeighedWord[];
  /** How a piece of the text is shown; default: as it is. */
  readonly show?: (piece: string) => ReactNode;
}

/** Weaker words stay unmarked, as shares of the strongest. */
const marked = 0.1;
const strong = 0.5;

/** @throws RangeError where a contribution is none */
export function MarkedText({ text, words, show = (piece) => piece }: MarkedTextProps) {
  const { numbers } = useChart();
  finite('a contribution', ...words.map(({ contribution }) => contribution));
  const strongest = Math.max(...words.map(({ contribution }) => Math.abs(contribution)), 1e-12);
  return (
    <p className="k-explained" dir="auto">
      {words.map(({ start, end, contribution }, i) => {
        const weight = Math.abs(contribution) / strongest;
        const word = text.slice(start, end);
        const side = contribution > 0 ? 'k-for' : 'k-against';
        return [
          show(text.slice(i === 0 ? 0 : words[i - 1]!.end, start)),
          weight < marked ? (
            show(word)
          ) : (
            <mark
              key={start}
              className={`${side}${weight >= strong ? ' k-strongly' : ''}`}
              title={numbers.signed(contribution)}
            >
              {show(word)}
            </mark>
          ),
        ];
      })}
      {show(text.slice(words.at(-1)?.end ?? 0))}
    </p>
  );
}
