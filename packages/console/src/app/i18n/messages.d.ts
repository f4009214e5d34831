import type en from './en/index.ts';

declare module 'use-intl' {
  interface AppConfig {
    /** `t('…')` takes the keys of the English catalogue and no others. */
    Messages: typeof en;
  }
}
