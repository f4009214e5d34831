/** What to do about an error, by its code; one that isn't here is told in the server's own words. */
export const errors = {
  title: 'That didn’t work',
  unreachable: 'The gateway can’t be reached. Look whether `kolben up` is running, then try again.',
  session_missing: 'You are not signed in, or your session has ended. Sign in again.',
  invalid_api_key: 'The key is not valid. Look for a typing error; a revoked or expired key opens nothing.',
  wrong_scope: 'This key is for calling models. The console wants one of scope “admin”.',
  too_many_tries: 'Too many wrong keys were tried from here. Wait a minute, then try again.',
  origin_foreign:
    'The request didn’t come from the console’s own address. A proxy in front has to pass on the Host header.',
  csrf_token_wrong: 'This page belongs to an earlier session. Load it again.',
  run_unknown:
    'There is no such run. It may have been removed; runs are kept until there are several hundred.',
  run_not_at_work: 'The run is not at work any more.',
  run_at_work: 'A run is at work for this task already. Stop it first, or wait for it.',
  run_done: 'The run is done: there is nothing to go on with.',
  run_not_resumable: 'The run is at work again already, or it is done.',
  training_busy: 'This gateway trains already. Wait for that run, or stop it first.',
  training_elsewhere:
    'This gateway does not train by itself. Use `kolben distill` on the machine that shall train.',
  calls_missing: 'No calls of this task are recorded yet. Send some through the gateway first.',
  distill_busy: 'Another process trains a student of this task already. Wait for it, or stop its run.',
  internal_error: 'The gateway made a mistake of its own. Its log tells where.',
  unknown: 'The page made a mistake of its own. Load it again; if it comes back, please report it.',
};
