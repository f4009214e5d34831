/** What to do about an error, by its code; one that isn't here is told in the server's own words. */
export const errors = {
  title: 'That didn’t work',
  unreachable: 'The gateway can’t be reached. Look whether `kolben up` is running, then try again.',
  session_missing: 'You are not signed in. Sign in.',
  session_ended: 'Your session has ended. Sign in again.',
  page_renewed: 'The gateway has another version of this page by now. Load it again.',
  invalid_api_key: 'The key is not valid. Look for a typing error; a revoked or expired key opens nothing.',
  wrong_scope: 'This key is for calling models. The console wants one of scope “admin”.',
  too_many_tries:
    'Too many wrong keys were tried from here. Wait {seconds, plural, one {# second} other {# seconds}}, then try again.',
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
  bad_request: 'The request can’t be read.',
  body_too_large: 'What was sent is too large.',
  input_invalid:
    '{issue, select, too_small {{param} is too small or too short: it must be at least {bound, number}.} too_big {{param} is too large or too long: it may be at most {bound, number}.} invalid_type {{param} is missing, or of another kind than is wanted.} other {{param} can’t be used as it is.}}',
  method_not_allowed: 'The console’s API does not take this kind of request. Load the page again.',
  unknown_url: 'The console’s API has nothing at this address. Load the page again.',
  console_not_built: 'The console’s page is not built: run `npm run build` in the folder of Kolben.',
  live_too_many: 'Too many pages are open that want to be told of changes. Close some.',
  search_busy: 'Other searches are under way. Wait until one of them ends.',
  students_busy: 'The console is at work on students already, and others wait. Try again in a moment.',
  task_unknown: 'There is no such task in the configuration.',
  call_no_disagreement:
    'Student and teacher don’t differ in this call, so there is nothing to decide about it.',
  label_unknown:
    '{label} is no label of the task {task}. Choose one from the list, or say that it is a new one.',
  call_unknown: 'There is no such call. It may have been recorded in another store.',
  key_unknown: 'There is no such key, or it has been revoked already.',
  student_unknown: 'There is no such student. The list of students has them all.',
  student_missing:
    'The task {task} has no student yet. Distil one from its recorded calls: `kolben distill --task {task}`.',
  student_first:
    'The task {task} has no student before its current one. The route teacher gives its calls to the teacher.',
  roll_back_withdrawn:
    'The student that comes back to the task {task} is withdrawn. Load its page again: it tells what that means before you decide.',
  student_withdrawn:
    'The student is withdrawn because it kept its promise no longer. Its calls are not those that it was calibrated on, so they certify nothing any more: distil a new one.',
  student_of_another_task: 'The student is of another task than {task}. Load the page again.',
  student_failed: 'The student could not answer. The gateway’s log tells why.',
  students_of_two_tasks:
    'These students are of two tasks, so there is nothing to compare them on. Choose two of one task.',
  unseen_missing:
    'No call of the task {task} is recorded with a teacher’s answer that the student did not learn from. Send calls through the route shadow or teacher, then try again.',
  expiry_past: 'The day on which the key ends is over. Choose a later one.',
  explain_empty: 'The text has no words that could be weighed. Type some.',
  watch_missing: 'Nothing watches tasks here.',
  watch_nothing_to_undo: 'Nothing that the watch did for this task can be taken back.',
  watch_state:
    'What was kept of the watch over this student’s risk can’t be read by this version. Let the student answer again to begin a new watch.',
  certificate_alpha:
    'This alpha is none of those that may be chosen afterwards. Another one must be set before the student is distilled.',
  certificate_level: 'Alpha and delta must lie between 0 and 1.',
  certificate_none: 'This alpha certifies nothing.',
  certificate_scores:
    'The student keeps no scores of its calibration, since it was distilled before they were kept or copied without them. Distil it anew with the alpha that is wanted.',
  export_gone: 'This export was fetched already, or has waited too long. Export the student again.',
  export_exists: 'There is something at the place of the export already. Try again.',
  export_unwritable:
    'The export can’t be written. Look whether the disk is full, and who may write into the data folder.',
  terms_forbidden:
    'The terms of {provider}{others, plural, =0 {} one { and of another provider} other { and of # other providers}} forbid that their answers train {kind, select, classify {a classifier} extract {an extractor} other {a generator}} {distribution, select, internal {for use in your own house} other {that is given to third parties}}{quotes, select, clause {: “{clause}”} other {}}{source, select, both { ({url}, read on {date})} url { ({url})} date { (read on {date})} other {}}. Leave those calls out, or name the permission that you hold in the configuration, under providers.{provider}.terms.permission.',
  economics_missing: 'Some figures are missing. Type them under Assumptions.',
  economics_figures: 'A figure is outside of what it may be. Look at the marked fields.',
  run_elsewhere: 'The state of this run lies on {host}. Go on with it there: `kolben runs resume {run}`.',
  run_settings: 'What this run was told is not known any more. Begin a new one.',
  run_stopped: 'The run was stopped.',
  run_stop_wanted: 'The run was stopped.',
  training_fault: 'The training broke off by a fault of its own. The gateway’s log tells where.',
  train_diverged:
    'The training computed numbers that are none. Begin it again with another seed or a lower learning rate.',
  train_too_few: 'There are too few examples to learn from. Record more calls.',
  train_memory: 'The model does not fit into the memory that the chips may use.',
  plan_memory: 'No way of spreading the work fits into the memory that the chips may use.',
  unexpected:
    'The training broke off by a fault of its own. The log of the process that trained tells where.',
  examples_of_student:
    'Among the examples are answers of a student, and students learn from teachers alone. Leave those examples out.',
  dataset_too_small:
    'There are too few distinct calls with a teacher’s answer. A student needs some hundreds to be certified: record more.',
  dataset_unlabelled: 'None of the calls has a teacher’s answer to learn from.',
  dataset_one_label: 'All calls have the same answer, so there is nothing to tell apart.',
  dataset_free_text:
    'The answers look like free text, not like labels. Have the teacher choose from a closed list, or choose the kind generate.',
  dataset_not_json:
    'Some answers are no JSON objects. Have the teacher answer with JSON alone, or choose another kind.',
  dataset_not_lists:
    'Some answers are no lists of labels. Have the teacher answer with lists alone, or choose another kind.',
  dataset_parent: 'The dataset does not follow the one before it: its kind or its redaction is another one.',
  dataset_fractions: 'The fractions of the splits must add up to 1.',
  dataset_chosen: 'Too few calls were drawn at random, and only those can judge a student.',
  dataset_escalated:
    'Nearly all calls are ones that a student left to the teacher, and those can’t judge a student. Raise the task’s audit, or wait for more.',
  distill_option:
    'A setting of the training can’t be used. Look at watch and kind of this task in the configuration.',
  eval_unlabelled: 'None of the examples has a teacher’s answer to compare with.',
  redaction_pattern: 'A pattern of the redaction can’t be used. Look at redaction in the configuration.',
  store_locked: 'The database is held by another process. Try again in a moment.',
  store_overloaded: 'The database has more to do than it can. Try again in a moment.',
  store_unreachable: 'The database can’t be reached. Look whether its server runs; try again in a moment.',
  store_unavailable: 'The gateway can’t reach its database at the moment. Try again in a moment.',
  store_timeout: 'The database took too long. Try again in a moment.',
  store_unwritable: 'The database can’t be written. Look whether the disk is full.',
  store_closed: 'The gateway is stopping. Try again when it runs.',
  store_value: 'What was typed can’t be kept: it is empty, too long, or none of the choices.',
  call_exists: 'This call is recorded already.',
  budget_exhausted:
    '{of, select, total {The budget of all calls} task {The budget of the task} other {The budget of your key}} has no room for this call any more this month: {spent, number, ::currency/USD .00##} of {budget, number, ::currency/USD .00##} are spent. Raise it, or wait until it begins anew on {renewsAt, date, medium} at {renewsAt, time, short}.',
  budget_reserved:
    '{of, select, total {The budget of all calls} task {The budget of the task} other {The budget of your key}} has no room for this call beside those under way: of {budget, number, ::currency/USD .00##}, {spent, number, ::currency/USD .00##} are spent and {reserved, number, ::currency/USD .00##} set aside. Try again in a moment, or raise it.',
  budget_unknown:
    'How much of the budgets is used can’t be told at the moment, so no call is begun. Try again in a moment.',
  rate_limit_exceeded:
    '{what, select, call {This call may use {tokens, number} tokens, and your key has {limit, number} a minute. Send less, or raise the limit.} tokens {The limit of your key, {limit, number} tokens a minute, is used up. Try again in {seconds, plural, one {# second} other {# seconds}}.} other {The limit of your key, {limit, number} calls a minute, is used up. Try again in {seconds, plural, one {# second} other {# seconds}}.}}',
  too_many_calls: 'The gateway has as many calls under way as it takes. Try again in a moment.',
  recording_behind: 'The gateway takes no calls until those before are recorded. Try again in a moment.',
  recording_failed:
    'The database takes no calls, so the gateway takes none either. Look at the disk or the database server.',
  stopping: 'The gateway is stopping. Try again when it runs.',
  client_gone: 'The page didn’t wait for the answer.',
  request_timeout: 'The answer took longer than it may.',
  provider_answer_invalid: 'The provider’s answer is none that can be read.',
  provider_answer_too_large: 'The provider’s answer is larger than it may be.',
  provider_broke_off: 'The provider broke off in the middle of its answer. Try again.',
  provider_redirect:
    'The provider sent the call elsewhere, which the gateway doesn’t follow. Look at baseUrl in the configuration.',
  provider_refused_key: 'The provider refused the gateway’s key. Look at the variable that apiKeyEnv names.',
  provider_timeout: 'The provider took too long to answer.',
  provider_unreachable: 'The provider can’t be reached.',
  providers_suspended:
    'All providers of this task failed again and again and are left alone for a while. Try again in {seconds, plural, one {# second} other {# seconds}}.',
  no_permitted_provider:
    'None of the providers whose law this task permits could answer, and the others are not asked.',
  provider_said: 'The provider refused the call (status {status}): {said}',
  provider_status: 'The provider refused the call (status {status}) and gave no reason.',
  model_not_found: 'There is no such model here. The configuration names those that there are.',
  config_invalid: 'The configuration can’t be used as it is; `kolben doctor` says where.',
  /** Of many codes at once, which one at the console can do little about. */
  families: {
    inner: 'The training refused its own work ({code}). The log tells where; please report it.',
    model_files: 'The files of the model are damaged, or of a kind that this version can’t read ({code}).',
    checkpoint: 'The state of the run can’t be read or written ({code}). Begin a new one.',
    base: 'The base model can’t be fetched or used ({code}). `kolben distill` on the command line says more.',
    dataset_folder: 'The folder of the dataset can’t be read or written ({code}).',
    example_file:
      'The file of examples can’t be used ({code}). `kolben dataset` on the command line says where.',
    gguf: 'GGUF can’t hold this student ({code}). Choose another format.',
    answers:
      'The answers don’t follow the schema or the equality of this task ({code}). Look at them in the configuration.',
    labelling: 'The teacher did not give the answers that were asked of it ({code}).',
    student_folder: 'The folder of the student can’t be read or written ({code}): {path}',
    store: 'The database refuses its work ({code}). `kolben doctor` says what is wrong.',
    request: 'The request is none that this gateway takes ({code}).',
  },
  internal_error: 'The gateway made a mistake of its own. Its log tells where.',
  unknown: 'The page made a mistake of its own. Load it again; if it comes back, please report it.',
};
