/**
 * Tasks: the list, and one task.
 *
 * @module
 */
import { Route, Switch } from 'wouter';
import { Charts } from '../../components/charts.tsx';
import { OneTask } from './one-task.tsx';
import { TaskList } from './task-list.tsx';

export default function TasksPage() {
  return (
    <Charts>
      <Switch>
        <Route path="/:task">{({ task }) => <OneTask task={decodeURIComponent(task)} />}</Route>
        <Route>
          <TaskList />
        </Route>
      </Switch>
    </Charts>
  );
}
