/**
 * How Mantine's components look here.
 *
 * @module
 */
import { createTheme, Notification } from '@mantine/core';

/** Shade 9 keeps WCAG AA with the text that stands on or beside them. */
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // They go by themselves, and its button has no name that a screen reader could say.
    Notification: Notification.extend({ defaultProps: { withCloseButton: false } }),
  },
});
