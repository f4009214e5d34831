/**
 * How the test by betting came to where it stands: its wealth after each audit, reckoned anew from the audits.
 *
 * @module
 */
import { afterAudit, alarmOf, beginWatch, type RiskWatch } from '@kolben/distill';
import type { Audit } from '@kolben/store';

export interface WealthPoint {
  /** Milliseconds since 1970. */
  at: number;
  wealth: number;
}

/** A chart shows no more. */
const mostPoints = 300;

/**
 * @param audits newest first, at least as many as the test has seen
 * @returns oldest first; empty where the audits of its beginning aren't there
 */
export function wealthCourse(watch: RiskWatch, audits: readonly Audit[]): WealthPoint[] {
  const compared = audits.filter(({ agreed }) => agreed !== null).slice(0, watch.audits);
  if (compared.length < watch.audits) return [];
  let state = beginWatch(watch);
  const points: WealthPoint[] = [];
  for (const { at, agreed } of compared.reverse()) {
    state = afterAudit(state, agreed ? 0 : 1);
    points.push({ at: at.getTime(), wealth: alarmOf(state).wealth });
  }
  const every = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => (points.length - 1 - i) % every === 0);
}
