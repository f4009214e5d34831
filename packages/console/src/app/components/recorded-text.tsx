/**
 * Text that somebody else wrote: shown as text, whatever it says.
 *
 * React writes it as text, so no HTML in it is ever anything but letters. What can't be seen is made visible:
 * control characters, characters without width, and marks that turn the direction of writing, with which a text can look
 * like another one than it is.
 *
 * @module
 */
import { Box, type BoxProps } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslations } from 'use-intl';
import classes from './recorded-text.module.css';
import { splitHidden } from './split-hidden.ts';

export interface RecordedTextProps extends BoxProps {
  text: string;
  /** On one line, cut off at its end. */
  isShort?: boolean;
}

/** Of what is shown on one line no more is looked at. */
const mostShort = 300;

export function RecordedText({ text, isShort = false, ...box }: RecordedTextProps) {
  const t = useTranslations('common');
  const shown = isShort ? text.slice(0, mostShort).replace(/\s+/g, ' ') : text;
  return (
    <Box component="bdi" dir="auto" className={isShort ? classes.short : classes.whole} {...box}>
      {splitHidden(shown).map(({ at, text: piece, code }) =>
        code === undefined ? (
          <Fragment key={at}>{piece}</Fragment>
        ) : (
          <span key={at} className={classes.hidden} title={t('hidden', { code })}>
            {code}
          </span>
        ),
      )}
    </Box>
  );
}
