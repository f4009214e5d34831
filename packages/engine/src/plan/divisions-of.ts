/** Chips that share a machine's cores evenly. */
export interface Division {
  readonly chips: number;
  /** Cores of each chip. */
  readonly threads: number;
}

/**
 * The ways to divide cores into chips of like size, most chips first.
 *
 * @param cores 1 or more
 */
export function divisionsOf(cores: number): Division[] {
  return Array.from({ length: cores }, (_, i) => i + 1)
    .filter((threads) => cores % threads === 0)
    .map((threads) => ({ chips: cores / threads, threads }));
}
