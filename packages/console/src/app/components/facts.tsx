/**
 * Facts as a table of names and values.
 *
 * @module
 */
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface FactsProps {
  /** What they are about; left out where the page's heading says it. */
  label?: string;
  rows: readonly (readonly [name: string, value: ReactNode])[];
}

export function Facts({ label, rows }: FactsProps) {
  return (
    <Table aria-label={label} layout="fixed">
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="45%">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
