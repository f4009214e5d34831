/**
 * All texts in English, which the other languages follow.
 *
 * @module
 */
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

export default {
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
