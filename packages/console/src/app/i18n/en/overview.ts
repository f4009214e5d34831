export const overview = {
  title: 'Overview',
  lead: 'What is true now: what calls cost, what students saved, and what wants your attention.',
  span: {
    label: 'Span of time',
    day: '24 hours',
    week: '7 days',
    month: '30 days',
    quarter: '90 days',
  },
  spent: 'Spent',
  spentNote: '{count, plural, =0 {no calls} one {# call} other {# calls}}',
  estimatedNote:
    '{count, plural, one {of # call} other {of # calls}} no provider told the tokens; Kolben counted them',
  estimatedAvoidedNote:
    'for {count, plural, one {# call} other {# calls}} that no teacher answered, Kolben counted the tokens',
  avoided: 'Avoided',
  avoidedNote: 'against the teacher answering every call',
  extra: 'Spent beyond the teacher alone',
  extraNote: 'asking both cost more than it saved',
  share: 'Answered by students',
  shareNote: '{count, plural, =0 {no call} one {# call} other {# calls}}',
  fromCache: 'and {count, plural, one {# call} other {# calls}} from the cache',
  chart: 'Calls over time',
  chartTold: 'Calls from {since} to {until}, by who answered them.',
  answerer: { teacher: 'teacher', student: 'student', cache: 'cache' },
  tasks: 'Tasks',
  task: 'Task',
  route: 'Route',
  standing: 'Student',
  calls: 'Calls',
  byStudent: 'By the student',
  cost: 'Spent',
  saved: 'Avoided',
  state: {
    none: 'none yet',
    unreadable: 'its folder can’t be read',
  },
  certificate: 'at most {alpha} disagreement, for {coverage} of the calls',
  alarms: 'Wants your attention',
  noAlarms: 'Nothing wants your attention.',
  alarm: {
    withdrawn:
      'The student of {task} was withdrawn, because it disagreed with its teacher more often than its certificate allows. {isForced, select, true {The route student lets it answer all the same.} other {The teacher answers its calls.}} Read the disagreements, then distil again.',
    drift:
      'The calls of {task} no longer look like those its student was calibrated on (found {at}). Distil again from recent calls.',
    budget:
      '{of, select, all {The budget of all calls} task {The budget of the task {name}} other {The budget of the key {name}}} is used up to {share}: {used} of {budget} this month.',
    budgetOver:
      '{of, select, all {The budget of all calls} task {The budget of the task {name}} other {The budget of the key {name}}} is used up: {used} of {budget} this month. Further calls are refused; raise it or wait for the next month.',
    provider:
      'The provider {provider} failed again and again and is left alone for {left}. Tasks with a fallback go to that.',
    recording:
      'The database takes no calls, so the gateway takes none either; {waiting, plural, =0 {none waits} one {# call waits} other {# calls wait}} to be recorded. Look at the disk or the database server.',
  },
  emptyTasks: 'There is no task yet',
  emptyTasksHint: 'Name one in kolben.config.ts: its kind and its teacher. Then restart the gateway.',
  emptyCalls: 'No call has come in this span of time',
  emptyCallsHint:
    'Point your OpenAI client at <url></url> with a key of scope “use”, and call the model <model></model>.',
};
