/**
 * The confusion table: teacher's labels down, student's across. With many labels, only the mix-ups.
 *
 * @module
 */
import { finite } from './finite.ts';
import { MixUpTable } from './mix-up-table.tsx';
import { useChart } from './settings.tsx';

/** Counts by the teacher's label (rows) and the student's (columns), both in the order of `labels`. */
export interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface ConfusionTableProps {
  readonly confusion: Confusion;
  readonly caption: string;
  /** With more labels than this, the mix-ups alone are told. */
  readonly mostLabels?: number;
  /** Of the mix-ups. */
  readonly mostRows?: number;
}

/** @throws RangeError where a count is none, or one is missing */
export function ConfusionTable({ confusion, caption, mostLabels = 10, mostRows = 15 }: ConfusionTableProps) {
  const { labels, counts } = confusion;
  if (counts.length !== labels.length || counts.some((row) => row.length !== labels.length))
    throw new RangeError('A confusion table has one row and one column for each label.');
  finite('a count', ...counts.flat());
  return labels.length <= mostLabels ? (
    <Matrix confusion={confusion} caption={caption} />
  ) : (
    <MixUps confusion={confusion} caption={caption} mostRows={mostRows} />
  );
}

function Matrix({ confusion: { labels, counts }, caption }: { confusion: Confusion; caption: string }) {
  const { numbers, words } = useChart();
  const shade = (i: number, j: number) => (counts[i]![j]! === 0 ? '' : i === j ? ' agree' : ' disagree');
  return (
    <div className="k-scroll">
      <table className="matrix">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.confusionCorner}</th>
            {labels.map((label) => (
              <th key={label} scope="col" className="n">
                <bdi>{label}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, i) => (
            <tr key={label}>
              <th scope="row">
                <bdi>{label}</bdi>
              </th>
              {labels.map((other, j) => (
                <td key={other} className={`n${shade(i, j)}`}>
                  {numbers.count(counts[i]![j]!)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MixUps({
  confusion: { labels, counts },
  caption,
  mostRows,
}: {
  confusion: Confusion;
  caption: string;
  mostRows: number;
}) {
  const { numbers, words } = useChart();
  const { count } = numbers;
  const pairs = counts
    .flatMap((row, i) => row.map((n, j) => ({ teacher: labels[i]!, student: labels[j]!, n, off: i !== j })))
    .filter(({ n, off }) => off && n > 0)
    .sort((a, b) => b.n - a.n);
  if (pairs.length === 0)
    return (
      <p>
        {caption} {words.noDisagreement}
      </p>
    );
  const total = pairs.reduce((sum, { n }) => sum + n, 0);
  const shown = pairs.slice(0, mostRows);
  const told = words.mixUps({
    ...{ shown: count(shown.length), kinds: count(pairs.length) },
    ...{ total: count(total), labels: count(labels.length) },
  });
  return <MixUpTable caption={`${caption} ${told}`} mixUps={shown} />;
}
