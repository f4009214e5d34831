/**
 * After how many months a way has cost no more than the teacher alone would have.
 *
 * Reckoned by what is spent, and when: making the student at the beginning, its machine at the beginning and again after
 * each of its lives, the rest month by month. (The costs of a month, on the other hand, hold a month's share of the
 * machine's price. The two never stand in one sum.)
 *
 * @module
 */

export interface Spending {
  /** Spent once, at the beginning. USD. */
  making: number;
  /** Spent at the beginning, and again whenever a life of the machine is over. USD. */
  hardware: number;
  /** How long a machine lives, months > 0. */
  lifeMonths: number;
  /** Spent each month besides. USD. */
  monthly: number;
}

/** What was spent from the beginning until this moment. @param month ≥ 0, fractions too */
export function spentAfter({ making, hardware, lifeMonths, monthly }: Spending, month: number): number {
  // The machine of a life that begins now isn't bought before it is needed: a life ends with its last moment.
  const machines = Math.max(1, Math.ceil(month / lifeMonths));
  return making + hardware * machines + monthly * month;
}

/**
 * Months, ≥ 0, until `teacher` a month has added up to what was spent; Infinity where it never does.
 *
 * With s saved a month and lives of L months, the first life that ends without a loss is the k-th, k = ⌈making / (sL − H)⌉,
 * and in it the lines meet at (making + kH) / s.
 *
 * @param teacher what the teacher alone costs a month
 */
export function monthsToBreakEven(spending: Spending, teacher: number): number {
  const { making, hardware, lifeMonths, monthly } = spending;
  const saved = teacher - monthly;
  if (making + hardware <= 0) return saved >= 0 ? 0 : Number.POSITIVE_INFINITY;
  const gainOfLife = saved * lifeMonths - hardware;
  if (!(saved > 0) || gainOfLife < 0 || (gainOfLife === 0 && making > 0)) return Number.POSITIVE_INFINITY;
  const lives = gainOfLife === 0 ? 1 : Math.max(1, Math.ceil(making / gainOfLife));
  return (making + hardware * lives) / saved;
}
