/**
 * What the teacher said and the student instead, with how often.
 *
 * @module
 */
import type { ReactNode } from 'react';
import { HeadedTable } from './headed-table.tsx';
import { useChart } from './settings.tsx';

export interface MixUp {
  readonly teacher: string;
  readonly student: string;
  readonly n: number;
}

export interface MixUpTableProps {
  readonly caption: ReactNode;
  /** In the order in which they are shown. */
  readonly mixUps: readonly MixUp[];
}

export function MixUpTable({ caption, mixUps }: MixUpTableProps) {
  const { numbers, words } = useChart();
  return (
    <HeadedTable caption={caption} heads={[words.teacherSaid, words.studentSaid, { n: words.times }]}>
      {mixUps.map(({ teacher, student, n }) => (
        <tr key={`${teacher}\n${student}`}>
          <td>
            <bdi>{teacher}</bdi>
          </td>
          <td>
            <bdi>{student}</bdi>
          </td>
          <td className="n">{numbers.count(n)}</td>
        </tr>
      ))}
    </HeadedTable>
  );
}
