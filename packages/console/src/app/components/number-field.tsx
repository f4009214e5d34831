/**
 * A number that is typed, in the manner of the page's language.
 *
 * @module
 */
import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useState } from 'react';
import { useFormats } from '../lib/use-formats.ts';

export interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange'> {
  /** null while there is none. */
  value: number | null;
  onChange: (value: number | null) => void;
}

export function NumberField({ value, onChange, ...props }: NumberFieldProps) {
  const { decimalSeparator } = useFormats();
  // What is typed stays as it stands: "12," is on its way to 12.5, and made a number it would lose its comma.
  const [typed, setTyped] = useState<number | string>(value ?? '');
  return (
    <NumberInput
      hideControls
      decimalSeparator={decimalSeparator}
      {...props}
      value={numberOf(typed) === value ? typed : (value ?? '')}
      onChange={(next) => {
        setTyped(next);
        onChange(numberOf(next));
      }}
    />
  );
}

function numberOf(typed: number | string): number | null {
  const number = typed === '' ? Number.NaN : Number(typed);
  return Number.isNaN(number) ? null : number;
}
