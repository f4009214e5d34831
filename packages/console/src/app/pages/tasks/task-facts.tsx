/**
 * What the API says of a task, and a table of facts about it.
 *
 * @module
 */
import { Table } from '@mantine/core';
import type { InferResponseType } from 'hono/client';
import type { api } from '../../lib/api.ts';

export type Task = InferResponseType<(typeof api.tasks.one)[':task']['$get'], 200>;

export function Facts({ label, rows }: { label: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <Table aria-label={label} layout="fixed">
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w="50%">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
