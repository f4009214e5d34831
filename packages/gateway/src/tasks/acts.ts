/**
 * What an operator does with a task, at the command line and in the console alike.
 *
 * @module
 */
export {
  alphasOf,
  type CertifiedStudent,
  type CertifyStudentOptions,
  certifyStudent,
  studentCertified,
} from '../students/certify-student.ts';
export { type CurrentStudent, currentStudent } from '../students/current-student.ts';
export { callUnknown, type DecideCallOptions, decideCall } from './decide-call.ts';
export { type KnownLabels, knownLabels } from './known-labels.ts';
export {
  routeNeeds,
  routeSet,
  type SwitchedRoute,
  type SwitchRouteOptions,
  switchRoute,
} from './switch-route.ts';
