/**
 * Under whose law a provider answers, and whom a task lets answer.
 *
 * @module
 */
import { z } from 'zod';

/** The member states of the European Union, ISO 3166-1 alpha-2. */
const memberStates = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' '),
);

const countries =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW';
const known = new Set(['EU', ...countries.split(' ')]);

/** A country by its two letters, or `EU`. */
export const jurisdiction = z
  .string()
  .refine((value) => known.has(value), 'must be a country by its two letters of ISO 3166, such as DE, or EU');

export const jurisdictionsSchema = z.strictObject({
  /** These alone. `EU` stands for its member states too. */
  only: z.array(jurisdiction).min(1).optional(),
  /** None of these. `EU` stands for its member states too. */
  not: z.array(jurisdiction).min(1).optional(),
});

export type Jurisdictions = z.output<typeof jurisdictionsSchema>;

/** Does `place` lie in `area`? */
function liesIn(place: string, area: string): boolean {
  return place === area || (area === 'EU' && memberStates.has(place));
}

/**
 * Could some of `place` lie in `area`? What says only `EU` may be answered in any of its states, so it keeps out of a
 * ban of one of them no more than that state does.
 */
function mayLieIn(place: string, area: string): boolean {
  return liesIn(place, area) || liesIn(area, place);
}

/**
 * May a provider under this law answer? One whose law isn't known may only where there is no fence.
 *
 * @param fence the task's `jurisdictions`; undefined: it has none
 */
export function permits(fence: Jurisdictions | undefined, place: string | undefined): boolean {
  const only = fence?.only;
  const not = fence?.not;
  if (only === undefined && not === undefined) return true;
  if (place === undefined) return false;
  if (only !== undefined && !only.some((area) => liesIn(place, area))) return false;
  return !not?.some((area) => mayLieIn(place, area));
}
