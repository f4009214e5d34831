/** Why something is as it is, by the code that the server tells. */
export const reasons = {
  watch: {
    interrupted: 'because a distillation was interrupted',
    route_student: 'because the route student is an operator’s, and stays',
    withdrawn: 'because its student kept its promise no longer and is withdrawn',
    certified: 'because its student is certified for {coverage, number, ::percent .#} of calls',
    shadow_missing:
      'because its student is to answer {calls, plural, one {# more call} other {# more calls}} in the shadow',
    shadow_agreed:
      'because in the shadow it disagreed in {disagreed, number} of {compared, number} calls that it was sure of',
    shadow_disagreed:
      'because in the shadow it disagreed in {disagreed, number} of {compared, number} calls that it was sure of, more than {alpha, number, ::percent .#} would explain',
    pinned: 'because the configuration names its student, so no other takes its place',
    calls_missing:
      'because {calls, plural, one {# more call} other {# more calls}} with a teacher’s answer make the next dataset',
    new_calls_missing:
      'because {calls, plural, one {# more new call} other {# more new calls}} with a teacher’s answer make the next dataset',
    calls_enough: 'because there are {calls, number} calls with a teacher’s answer',
    new_calls_enough: 'because there are {calls, number} new calls with a teacher’s answer',
    terms_forbidden: 'because the terms of {provider} forbid it',
  },
  certificate: {
    calibration_small:
      'The calibration split has {calibration, number} examples, and at most {alpha, number, ::percent .##} disagreement with {confidence, number, ::percent .##} confidence takes {fewest, number} without a disagreement at the least.',
    tune_empty: 'The tune split is empty, so there is no threshold to test.',
    disagrees:
      'Where the student is surest ({n, number} of {calibration, number} calibration examples) it disagreed with the teacher in {disagreements, number}, which does not show at most {alpha, number, ::percent .##} disagreement with {confidence, number, ::percent .##} confidence.',
    callsNeeded: 'About {callsNeeded, number} more calls would be needed.',
    never:
      'Even where it is surest it disagrees too often, so it needs more examples to learn from, cleaner answers or a larger alpha.',
  },
  terms: {
    permission:
      'The terms of {provider} forbid {kind, select, classify {a classifier} extract {an extractor} other {a generator}} {distribution, select, internal {for use in your own house} other {that is given to third parties}}; it rests on the permission {reference} of {date}.',
    nobody:
      'Nobody knows who gave {calls, plural, one {# answer} other {# answers}}, so no terms were checked.',
    unread:
      'Whether the terms of {provider}, who gave {calls, plural, one {# answer} other {# answers}}, allow {kind, select, classify {a classifier} extract {an extractor} other {a generator}} {distribution, select, internal {for use in your own house} other {that is given to third parties}} is not known: read them, and write down what you found in providers.{provider}.terms.',
  },
  plan: {
    run_short:
      'The run is too short for trying out several chips, and one takes {stepMs, number, ::.0#} ms a step.',
    one_core:
      'One chip is as fast as any other way, {stepMs, number, ::.0#} ms a step: there is too little work for several, or only one.',
    one_chip:
      'One chip of {threads, number} cores is as fast as any other way, {stepMs, number, ::.0#} ms a step.',
    replicas:
      'Everything fits on every chip, so each works on its own microbatches and exchanges gradients: {stepMs, number, ::.0#} ms a step.',
    pipeline:
      'The stages of {schedule} come out evenly enough that no other way is measurably faster, {stepMs, number, ::.0#} ms a step, {bubble, number, ::percent .#} of it waiting.',
    memory:
      'A chip may use {limit} and the model needs {needed} on one, so it is cut into {stages, number} stages; nothing that fits is measurably faster than {schedule}, {stepMs, number, ::.0#} ms a step.',
    memory_recompute:
      'A chip may use {limit} and the model needs {needed} on one, so it is cut into {stages, number} stages; nothing that fits is measurably faster than {schedule} with recomputation, {stepMs, number, ::.0#} ms a step.',
    beside:
      'For comparison: {chips, plural, =1 {one chip of {threads, number} cores} other {{schedule}{threads, plural, =1 {} other { on chips of # cores}}}}, {stepMs, number, ::.0#} ms.',
  },
  folder: {
    unreadable: 'its folder can’t be read',
    other: 'another student lies in its folder',
  },
};
