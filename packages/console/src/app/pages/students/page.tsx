/**
 * Students: the families, one of them, two beside each other.
 *
 * @module
 */
import { Route, Switch } from 'wouter';
import { Charts } from '../../components/charts.tsx';
import { ComparePage } from './compare-page.tsx';
import { FamiliesPage } from './families-page.tsx';
import { StudentPage } from './student-page.tsx';

export default function StudentsPage() {
  return (
    <Charts>
      <Switch>
        <Route path="/">
          <FamiliesPage />
        </Route>
        <Route path="/:one/beside/:other">
          {({ one, other }) => (
            <ComparePage one={decodeURIComponent(one)} other={decodeURIComponent(other)} />
          )}
        </Route>
        <Route path="/:id">{({ id }) => <StudentPage id={decodeURIComponent(id)} />}</Route>
      </Switch>
    </Charts>
  );
}
