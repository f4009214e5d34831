/**
 * How Mantine's components look here.
 *
 * @module
 */
import { createTheme } from '@mantine/core';

/** Shade 7 on light and 4 on dark keep WCAG AA with the text that stands on or beside them. */
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
