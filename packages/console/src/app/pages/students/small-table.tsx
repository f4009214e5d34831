/**
 * A table of a few rows, which scrolls within itself where it is too wide.
 *
 * @module
 */
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface SmallTableProps {
  caption: string;
  /** A column of numbers is named by `n`. */
  heads: readonly (string | { readonly n: string })[];
  rows: readonly (readonly ReactNode[])[];
}

export function SmallTable({ caption, heads, rows }: SmallTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll with the keyboard too
    <section aria-label={caption} tabIndex={0} style={{ overflowX: 'auto', minWidth: 0 }}>
      <Table captionSide="top">
        <Table.Caption>{caption}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) =>
              typeof head === 'string' ? (
                <Table.Th key={head} scope="col">
                  {head}
                </Table.Th>
              ) : (
                <Table.Th key={head.n} scope="col" ta="end">
                  {head.n}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, r) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same, and none moves
            <Table.Tr key={r}>
              {row.map((cell, i) => (
                <Table.Td
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  key={i}
                  ta={typeof heads[i] === 'object' ? 'end' : undefined}
                  style={{ verticalAlign: 'baseline' }}
                >
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
