/**
 * Whether the page is as narrow as a phone.
 *
 * @module
 */
import { em, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';

/** As narrow as where the shell puts its menu away. */
export function useIsNarrow(): boolean {
  const { breakpoints } = useMantineTheme();
  // Looked at before anything is drawn: nothing jumps.
  return useMediaQuery(`(width < ${em(breakpoints.sm)})`, undefined, { getInitialValueInEffect: false });
}
