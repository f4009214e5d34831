/**
 * What a bench is: a named measurement that returns plain figures, beside those of a peer where there is one.
 *
 * @module
 */
export interface Bench {
  readonly name: string;
  /** One line for the list of benches: what is measured, beside what. */
  readonly about: string;
  /** What it can be asked beside: names of switches, without dashes, and what they do. */
  readonly flags?: Readonly<Record<string, string>>;
  /**
   * Measures. The result is what `--json` prints, so it holds numbers with their units in their names.
   *
   * @throws KolbenError where the input or the machine is not fit for the measurement
   */
  run(context: BenchContext): Promise<object>;
  /** The result of `run` for people: a table and what to make of it. */
  describe(result: object): string;
}

export interface BenchContext {
  /** Tells a person that something is going on; never part of the result. */
  readonly progress: (line: string) => void;
  /** The switches that were given, of those that the bench has. */
  readonly flags: ReadonlySet<string>;
  /** Aborted when the person at the terminal has had enough. */
  readonly signal: AbortSignal;
}
