/**
 * The pages of the console, in the order of the navigation.
 *
 * @module
 */
export const areaNames = [
  'overview',
  'tasks',
  'runs',
  'students',
  'calls',
  'playground',
  'providers',
  'economics',
  'keys',
] as const;
export type AreaName = (typeof areaNames)[number];
