/**
 * All texts in German.
 *
 * @module
 */

import type en from '../en/index.ts';
import type { Texts } from '../texts.ts';
import { audit } from './audit.ts';
import { calls } from './calls.ts';
import { charts } from './charts.ts';
import { common } from './common.ts';
import { economics } from './economics.ts';
import { errors } from './errors.ts';
import { keys } from './keys.ts';
import { overview } from './overview.ts';
import { playground } from './playground.ts';
import { providers } from './providers.ts';
import { reasons } from './reasons.ts';
import { runs } from './runs.ts';
import { students } from './students.ts';
import { tasks } from './tasks.ts';

const de: Texts<typeof en> = {
  common,
  errors,
  overview,
  tasks,
  runs,
  reasons,
  students,
  calls,
  charts,
  playground,
  providers,
  economics,
  keys,
  audit,
};

export default de;
