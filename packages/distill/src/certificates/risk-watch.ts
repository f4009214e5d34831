/**
 * Watches a certified student in service: is the risk that was certified still kept?
 *
 * A test by betting (design, section 5; Timans et al., On Continuous Monitoring of Risk Violations under Unknown Shift,
 * arXiv 2506.16416). The wealth begins at 1 and becomes M_t = ∏ (1 + b_t (L_t − α)), where L_t in [0, 1] is the loss of
 * the t-th audited answer (1: student and teacher disagree) and b_t in [0, 1/α] is what is bet before L_t is seen. While
 * the risk is at most α, whatever came before, no bet gains on average, so the wealth ever reaches 1/δ with probability δ
 * at most (Ville's inequality): the answer may be looked at after every audit, for as long as the student serves.
 *
 * The bets are those of a portfolio (decision 0230). Its parts bet for ever against one risk each, 1.5, 2, 3 and 6 times
 * α, by as much as makes wealth grow fastest if that is the risk (Kelly), and one part bets nothing. A small share of
 * the wealth goes round after every audit (fixed share; Herbster and Warmuth, Tracking the Best Expert, 1998), so that
 * a student which was good for long can still be found out quickly once it isn't.
 *
 * @module
 */
import { z } from 'zod';
import { assertLevels, CertificateError } from './certificate-error.ts';

/** The risks that are bet against, in multiples of α. */
const against = [1.5, 2, 3, 6] as const;
/** How the wealth is spread at first, and how what goes round is: the first part bets nothing. */
const spread = [0.5, 0.125, 0.125, 0.125, 0.125] as const;
/** The share of each part's wealth that goes round after an audit. */
const goesRound = 1 / 250;
/** A bet of 1/α would lose everything at the first agreement, for good. */
const largestStake = 0.9;

const unit = z.number().gt(0).lt(1);
const whole = z.number().int().min(0);

/** The whole state, as JSON keeps it. */
export const riskWatchSchema = z.strictObject({
  version: z.literal(1),
  /** The risk that was certified. */
  alpha: unit,
  /** The largest probability of a false alarm over the student's whole life. */
  delta: unit,
  audits: whole,
  /** Sum of the losses: disagreements, where a loss is 0 or 1. */
  losses: z.number().min(0),
  /** ln M_t. */
  logWealth: z.number(),
  /** Its largest value so far: the alarm, once rung, stays. */
  highest: z.number(),
  /** The parts' shares of the wealth. */
  shares: z.array(z.number().min(0).max(1)).length(spread.length),
});

/** See the module. Never changed: `afterAudit` gives a new one. */
export type RiskWatch = Readonly<z.infer<typeof riskWatchSchema>>;

/**
 * @param alpha the certified risk, in (0, 1)
 * @param delta the largest probability of a false alarm, in (0, 1)
 * @throws CertificateError `certificate_level` for anything else
 */
export function beginWatch({ alpha, delta }: { alpha: number; delta: number }): RiskWatch {
  assertLevels({ alpha, delta });
  return {
    ...{ version: 1, alpha, delta, audits: 0, losses: 0, logWealth: 0, highest: 0 },
    shares: [...spread],
  };
}

/** The state as it was kept. @throws CertificateError `watch_state` for what is none */
export function readWatch(kept: unknown): RiskWatch {
  const read = riskWatchSchema.safeParse(kept);
  if (read.success) return read.data;
  throw new CertificateError(
    'watch_state',
    'The kept state of a risk watch cannot be read by this version of Kolben; put the student into service again to begin a new one.',
    { cause: read.error },
  );
}

/** What is bet on the next audit, in [0, 1/α]: known before it. */
export function betOf({ alpha, shares }: RiskWatch): number {
  return partBets(alpha).reduce((sum, bet, i) => sum + shares[i]! * bet, 0);
}

/** @param loss of the audited answer, in [0, 1]: 1 where student and teacher disagree. @throws RangeError otherwise */
export function afterAudit(watch: RiskWatch, loss: number): RiskWatch {
  if (!(loss >= 0 && loss <= 1)) throw new RangeError(`A loss lies in [0, 1], and ${loss} does not.`);
  const { alpha, shares } = watch;
  const growth = partBets(alpha).map((bet) => 1 + bet * (loss - alpha));
  // Equal to 1 + b (L − α) with the bet of the whole.
  const factor = growth.reduce((sum, one, i) => sum + shares[i]! * one, 0);
  const logWealth = watch.logWealth + Math.log(factor);
  const grown = shares.map((share, i) => (share * growth[i]!) / factor);
  const sum = grown.reduce((all, one) => all + one, 0);
  return {
    ...watch,
    audits: watch.audits + 1,
    losses: watch.losses + loss,
    logWealth,
    highest: Math.max(watch.highest, logWealth),
    // Divided by the sum, which rounding keeps from 1.
    shares: grown.map((share, i) => ((1 - goesRound) * share) / sum + goesRound * spread[i]!),
  };
}

/** M_t, at which it rings, and whether it has rung. */
export function alarmOf({ logWealth, highest, delta }: RiskWatch): {
  wealth: number;
  threshold: number;
  rung: boolean;
} {
  return { wealth: Math.exp(logWealth), threshold: 1 / delta, rung: highest >= -Math.log(delta) };
}

function partBets(alpha: number): number[] {
  const stake = (times: number) => {
    const risk = Math.min(times * alpha, (1 + alpha) / 2);
    return Math.min((risk - alpha) / (alpha * (1 - alpha)), largestStake / alpha);
  };
  return [0, ...against.map(stake)];
}
