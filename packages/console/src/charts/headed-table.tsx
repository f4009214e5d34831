/**
 * A table under its heads, which scrolls by itself where it is wider than the page.
 *
 * @module
 */
import type { ReactNode } from 'react';

/** A column of numbers is marked by `n` before its head. */
export type TableHead = string | { readonly n: string };

export interface HeadedTableProps {
  readonly heads: readonly TableHead[];
  readonly caption?: ReactNode;
  /** Rows. */
  readonly children: ReactNode;
}

export function HeadedTable({ heads, caption, children }: HeadedTableProps) {
  return (
    <div className="k-scroll">
      <table>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {heads.map((head) =>
              typeof head === 'string' ? (
                <th key={head} scope="col">
                  {head}
                </th>
              ) : (
                <th key={head.n} scope="col" className="n">
                  {head.n}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
