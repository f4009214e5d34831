/**
 * The language of the charts below: English, unless a page says otherwise.
 *
 * @module
 */
import { createContext, type ReactNode, useContext } from 'react';
import { type Numbers, numbersIn } from './numbers.ts';
import { type ChartWords, englishWords } from './words.ts';

export interface ChartSettings {
  readonly numbers: Numbers;
  readonly words: ChartWords;
}

const Settings = createContext<ChartSettings>({ numbers: numbersIn('en'), words: englishWords });

export function ChartLanguage({ numbers, words, children }: ChartSettings & { children: ReactNode }) {
  return <Settings value={{ numbers, words }}>{children}</Settings>;
}

export function useChart(): ChartSettings {
  return useContext(Settings);
}
