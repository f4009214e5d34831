/**
 * Runs: the list, and one of them.
 *
 * @module
 */
import { Route, Switch } from 'wouter';
import { RunList } from './run-list.tsx';
import { RunPage } from './run-page.tsx';

export default function RunsPage() {
  return (
    <Switch>
      <Route path="/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
      <Route path="/">
        <RunList />
      </Route>
    </Switch>
  );
}
