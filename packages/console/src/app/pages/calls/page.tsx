/**
 * Calls: the table with its filters, and one call opened.
 *
 * @module
 */
import { useRef } from 'react';
import { useRoute } from 'wouter';
import { Charts } from '../../components/charts.tsx';
import { CallTable } from './call-table.tsx';
import { OneCall } from './one-call.tsx';

export default function CallsPage() {
  const [isOpen, params] = useRoute('/:id');
  // The table is only hidden while a call is open: it keeps its place, and a search its hits.
  const hasTable = useRef(false);
  hasTable.current ||= !isOpen;
  return (
    <Charts>
      {hasTable.current && (
        <div hidden={isOpen}>
          <CallTable />
        </div>
      )}
      {isOpen && <OneCall key={params.id} id={decodeURIComponent(params.id)} />}
    </Charts>
  );
}
