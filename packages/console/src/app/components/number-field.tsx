/**
 * A field for a number. What is typed stays as it was typed: a field that rewrites "12." while "12.5" is on its way makes
 * another number of it. A form isn't sent while the field holds no number, or one out of its bounds.
 *
 * @module
 */
import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { numberOfText, textOfNumber } from '../lib/typed-number.ts';
import { useFormats } from '../lib/use-formats.ts';

export interface NumberFieldProps {
  label: string;
  description?: string;
  size?: 'xs' | 'sm';
  /** What it begins with; null: empty. */
  value: number | null;
  least: number;
  most: number;
  isWhole?: boolean;
  /** What else is wrong with it, told where the number itself is right. */
  error?: string | undefined;
  /** With each key that makes a number within the bounds, or an empty field (null). */
  onChange?: (value: number | null) => void;
  /** The same once the field is left, or on Enter. */
  onCommit?: (value: number | null) => void;
}

export function NumberField(props: NumberFieldProps) {
  const {
    label,
    description,
    size = 'sm',
    value,
    least,
    most,
    isWhole = false,
    error,
    onChange,
    onCommit,
  } = props;
  const t = useTranslations('common.number');
  const { decimalSeparator, number } = useFormats();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value === null ? '' : textOfNumber(value, decimalSeparator));
  const faultOf = (typed: number | null) => {
    if (typed === null) return '';
    if (Number.isNaN(typed)) return t('none', { example: textOfNumber(1234.5, decimalSeparator) });
    if (isWhole && !Number.isInteger(typed)) return t('whole');
    return typed >= least && typed <= most
      ? ''
      : t('outOfRange', { least: number(least, 6), most: number(most, 6) });
  };
  const typed = numberOfText(text, decimalSeparator);
  const fault = faultOf(typed);
  useEffect(() => field.current?.setCustomValidity(fault), [fault]);
  const commit = () => fault === '' && onCommit?.(typed);
  return (
    <TextInput
      ref={field}
      label={label}
      description={description}
      size={size}
      value={text}
      inputMode={isWhole ? 'numeric' : 'decimal'}
      autoComplete="off"
      error={fault || error}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        const next = numberOfText(currentTarget.value, decimalSeparator);
        if (faultOf(next) === '') onChange?.(next);
      }}
      onBlur={commit}
      onKeyDown={({ key }) => key === 'Enter' && commit()}
    />
  );
}
