/**
 * Calls: the table with its filters, and one call opened.
 *
 * @module
 */
import { Route, Switch } from 'wouter';
import { Charts } from '../../components/charts.tsx';
import { CallTable } from './call-table.tsx';
import { OneCall } from './one-call.tsx';

export default function CallsPage() {
  return (
    <Charts>
      <Switch>
        <Route path="/:id">{({ id }) => <OneCall id={decodeURIComponent(id)} />}</Route>
        <Route>
          <CallTable />
        </Route>
      </Switch>
    </Charts>
  );
}
