/**
 * The figures of a chart as a table that opens on demand, without a script.
 *
 * @module
 */
import { useChart } from './settings.tsx';

export interface DataTable {
  readonly caption: string;
  /** The first column names the rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function Figures({ table }: { readonly table: DataTable }) {
  const { words } = useChart();
  return (
    <details className="k-table">
      <summary>{words.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll with the keyboard too */}
      <section className="k-scroll" aria-label={table.caption} tabIndex={0}>
        <table>
          <caption>{table.caption}</caption>
          <thead>
            <tr>
              {table.columns.map((column, i) => (
                <th key={column} scope="col" className={i > 0 ? 'n' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and never move
              <tr key={r}>
                {row.map((cell, i) =>
                  i === 0 ? (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                    <th key={i} scope="row">
                      <bdi>{cell}</bdi>
                    </th>
                  ) : (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                    <td key={i} className="n">
                      {cell}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
