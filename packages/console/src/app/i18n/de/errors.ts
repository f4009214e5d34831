import type { errors as en } from '../en/errors.ts';
import type { Texts } from '../texts.ts';

export const errors: Texts<typeof en> = {
  title: 'Das ging nicht',
  unreachable:
    'Das Gateway ist nicht erreichbar. Sehen Sie nach, ob `kolben up` läuft, und versuchen Sie es noch einmal.',
  session_missing: 'Sie sind nicht angemeldet. Melden Sie sich an.',
  session_ended: 'Die Sitzung ist zu Ende. Melden Sie sich neu an.',
  page_renewed: 'Das Gateway hat inzwischen eine andere Fassung dieser Seite. Laden Sie sie neu.',
  invalid_api_key:
    'Der Schlüssel gilt nicht. Suchen Sie nach einem Tippfehler; ein widerrufener oder abgelaufener Schlüssel öffnet nichts.',
  wrong_scope:
    'Dieser Schlüssel ist für Anfragen an Modelle. Die Konsole verlangt einen mit dem Umfang „admin“.',
  too_many_tries:
    'Von hier wurden zu viele falsche Schlüssel versucht. Warten Sie {seconds, plural, one {# Sekunde} other {# Sekunden}}, dann noch einmal.',
  origin_foreign:
    'Die Anfrage kam nicht von der eigenen Adresse der Konsole. Ein vorgeschalteter Proxy muss den Host-Header weitergeben.',
  csrf_token_wrong: 'Diese Seite gehört zu einer früheren Sitzung. Laden Sie sie neu.',
  run_unknown: 'Diesen Lauf gibt es nicht. Vielleicht wurde er entfernt; aufgehoben werden einige hundert.',
  run_not_at_work: 'Der Lauf ist nicht mehr bei der Arbeit.',
  run_at_work: 'Für diese Aufgabe läuft schon ein Training. Halten Sie es an oder warten Sie.',
  run_done: 'Der Lauf ist fertig: Es gibt nichts fortzusetzen.',
  run_not_resumable: 'Der Lauf ist schon wieder bei der Arbeit oder fertig.',
  training_busy: 'Dieses Gateway trainiert schon. Warten Sie auf diesen Lauf oder halten Sie ihn an.',
  training_elsewhere:
    'Dieses Gateway trainiert nicht selbst. Nehmen Sie `kolben distill` auf der Maschine, die trainieren soll.',
  calls_missing:
    'Von dieser Aufgabe sind noch keine Aufrufe aufgezeichnet. Schicken Sie zuerst welche durch das Gateway.',
  distill_busy:
    'Ein anderer Prozess trainiert schon einen Schüler dieser Aufgabe. Warten Sie oder halten Sie seinen Lauf an.',
  bad_request: 'Die Anfrage ist nicht lesbar.',
  body_too_large: 'Was geschickt wurde, ist zu groß.',
  input_invalid:
    '{issue, select, too_small {{param} ist zu klein oder zu kurz: mindestens {bound, number}.} too_big {{param} ist zu groß oder zu lang: höchstens {bound, number}.} invalid_type {{param} fehlt oder ist von anderer Art als verlangt.} other {{param} ist so nicht zu gebrauchen.}}',
  method_not_allowed:
    'Die Schnittstelle der Konsole nimmt diese Art von Anfrage nicht. Laden Sie die Seite neu.',
  unknown_url: 'Unter dieser Adresse hat die Schnittstelle der Konsole nichts. Laden Sie die Seite neu.',
  console_not_built: 'Die Seite der Konsole ist nicht gebaut: `npm run build` im Ordner von Kolben.',
  live_too_many: 'Zu viele Seiten sind offen, die von Änderungen hören wollen. Schließen Sie einige.',
  search_busy: 'Andere Suchen laufen. Warten Sie, bis eine zu Ende ist.',
  students_busy:
    'Die Konsole arbeitet schon an Schülern, und andere warten. Versuchen Sie es gleich noch einmal.',
  task_unknown: 'Diese Aufgabe gibt es in der Konfiguration nicht.',
  call_no_disagreement: 'In diesem Aufruf sind sich Schüler und Lehrer einig; es gibt nichts zu entscheiden.',
  label_unknown:
    '{label} ist keine Bezeichnung der Aufgabe {task}. Wählen Sie eine aus der Liste, oder sagen Sie, dass es eine neue ist.',
  call_unknown: 'Diesen Aufruf gibt es nicht. Vielleicht wurde er in einem anderen Speicher aufgezeichnet.',
  key_unknown: 'Diesen Schlüssel gibt es nicht, oder er ist schon widerrufen.',
  student_unknown: 'Diesen Schüler gibt es nicht. Die Liste der Schüler hat alle.',
  student_missing:
    'Die Aufgabe {task} hat noch keinen Schüler. Destillieren Sie einen aus ihren Aufrufen: `kolben distill --task {task}`.',
  student_first:
    'Die Aufgabe {task} hat keinen Schüler vor dem jetzigen. Die Route Lehrer gibt ihre Aufrufe dem Lehrer.',
  roll_back_withdrawn:
    'Der Schüler, der auf den Platz der Aufgabe {task} zurückkehrt, ist aus dem Dienst genommen. Laden Sie die Seite neu: Sie sagt, was das heißt, bevor Sie entscheiden.',
  student_withdrawn:
    'Der Schüler ist aus dem Dienst genommen, weil er sein Versprechen nicht mehr hielt. Seine Aufrufe sind nicht mehr die, an denen er geeicht wurde, und zertifizieren nichts mehr: Destillieren Sie einen neuen.',
  student_of_another_task: 'Der Schüler gehört zu einer anderen Aufgabe als {task}. Laden Sie die Seite neu.',
  student_failed: 'Der Schüler konnte nicht antworten. Das Protokoll des Gateways sagt, warum.',
  students_of_two_tasks:
    'Diese Schüler gehören zu zwei Aufgaben; es gibt nichts, woran man sie vergleichen könnte. Wählen Sie zwei von einer Aufgabe.',
  unseen_missing:
    'Von der Aufgabe {task} ist kein Aufruf mit einer Antwort des Lehrers aufgezeichnet, aus dem der Schüler nicht gelernt hat. Schicken Sie Aufrufe über die Route Schatten oder Lehrer, dann noch einmal.',
  expiry_past: 'Der Tag, an dem der Schlüssel endet, ist vorbei. Wählen Sie einen späteren.',
  explain_empty: 'Der Text hat keine Wörter, die man wägen könnte. Schreiben Sie welche.',
  watch_missing: 'Hier wacht niemand über Aufgaben.',
  watch_nothing_to_undo: 'Nichts, was die Wache für diese Aufgabe getan hat, lässt sich zurücknehmen.',
  watch_state:
    'Was von der Wache über das Risiko dieses Schülers aufgehoben wurde, kann diese Version nicht lesen. Lassen Sie den Schüler wieder antworten, dann beginnt eine neue Wache.',
  certificate_alpha:
    'Dieses Alpha ist keines von denen, die nachträglich gewählt werden dürfen. Ein anderes muss vor dem Destillieren gesetzt werden.',
  certificate_level: 'Alpha und Delta müssen zwischen 0 und 1 liegen.',
  certificate_none: 'Dieses Alpha zertifiziert nichts.',
  certificate_scores:
    'Der Schüler bewahrt keine Werte seiner Kalibrierung auf; er wurde früher destilliert oder ohne sie kopiert. Destillieren Sie ihn neu, mit dem gewünschten Alpha.',
  export_gone:
    'Dieser Export wurde schon abgeholt oder hat zu lange gewartet. Exportieren Sie den Schüler noch einmal.',
  export_exists: 'An der Stelle des Exports liegt schon etwas. Versuchen Sie es noch einmal.',
  export_unwritable:
    'Der Export lässt sich nicht schreiben. Sehen Sie nach, ob die Festplatte voll ist und wer in den Datenordner schreiben darf.',
  terms_forbidden:
    'Die Bedingungen von {provider}{others, plural, =0 {} one { und einem weiteren Anbieter} other { und # weiteren Anbietern}} verbieten es, mit deren Antworten {kind, select, classify {einen Klassifikator} extract {einen Extraktor} other {einen Generator}}{distribution, select, internal { für den eigenen Gebrauch} other {, der an Dritte gegeben wird,}} zu trainieren{quotes, select, clause {: „{clause}“} other {}}{source, select, both { ({url}, gelesen am {date})} url { ({url})} date { (gelesen am {date})} other {}}. Lassen Sie diese Aufrufe weg, oder nennen Sie in der Konfiguration unter providers.{provider}.terms.permission die Erlaubnis, die Sie haben.',
  economics_missing: 'Einige Zahlen fehlen. Geben Sie sie unter Annahmen ein.',
  economics_figures:
    'Eine Zahl liegt außerhalb dessen, was sie sein darf. Sehen Sie auf die gekennzeichneten Felder.',
  run_elsewhere:
    'Der Stand dieses Laufs liegt auf {host}. Setzen Sie ihn dort fort: `kolben runs resume {run}`.',
  run_settings: 'Was diesem Lauf aufgetragen war, ist nicht mehr bekannt. Beginnen Sie einen neuen.',
  run_stopped: 'Der Lauf wurde angehalten.',
  run_stop_wanted: 'Der Lauf wurde angehalten.',
  training_fault: 'Das Training brach durch einen eigenen Fehler ab. Das Protokoll des Gateways sagt, wo.',
  train_diverged:
    'Das Training rechnete Zahlen aus, die keine sind. Beginnen Sie es noch einmal, mit anderem Startwert oder kleinerer Lernrate.',
  train_too_few: 'Es gibt zu wenige Beispiele zum Lernen. Zeichnen Sie mehr Aufrufe auf.',
  train_memory: 'Das Modell passt nicht in den Speicher, den die Chips benutzen dürfen.',
  plan_memory: 'Keine Aufteilung der Arbeit passt in den Speicher, den die Chips benutzen dürfen.',
  unexpected:
    'Das Training brach durch einen eigenen Fehler ab. Das Protokoll des Prozesses, der trainierte, sagt, wo.',
  examples_of_student:
    'Unter den Beispielen sind Antworten eines Schülers, und Schüler lernen nur von Lehrern. Lassen Sie diese Beispiele weg.',
  dataset_too_small:
    'Es gibt zu wenige verschiedene Aufrufe mit einer Antwort des Lehrers. Für ein Zertifikat braucht es einige hundert: Zeichnen Sie mehr auf.',
  dataset_unlabelled: 'Keiner der Aufrufe hat eine Antwort des Lehrers, aus der man lernen könnte.',
  dataset_one_label: 'Alle Aufrufe haben dieselbe Antwort; es gibt nichts zu unterscheiden.',
  dataset_free_text:
    'Die Antworten sehen nach freiem Text aus, nicht nach Kategorien. Lassen Sie den Lehrer aus einer festen Liste wählen, oder wählen Sie die Art „schreiben“.',
  dataset_not_json:
    'Einige Antworten sind keine JSON-Objekte. Lassen Sie den Lehrer nur mit JSON antworten, oder wählen Sie eine andere Art.',
  dataset_not_lists:
    'Einige Antworten sind keine Listen von Kategorien. Lassen Sie den Lehrer nur mit Listen antworten, oder wählen Sie eine andere Art.',
  dataset_parent:
    'Der Datensatz setzt den vorigen nicht fort: Seine Art oder seine Schwärzung ist eine andere.',
  dataset_fractions: 'Die Anteile der Teile müssen zusammen 1 ergeben.',
  dataset_chosen:
    'Zu wenige Aufrufe wurden zufällig gezogen, und nur solche können über einen Schüler richten.',
  dataset_escalated:
    'Fast alle Aufrufe sind solche, die ein Schüler dem Lehrer überließ, und die können nicht über einen Schüler richten. Erhöhen Sie den Anteil der Prüfungen, oder warten Sie auf mehr.',
  distill_option:
    'Eine Einstellung des Trainings ist nicht zu gebrauchen. Sehen Sie in der Konfiguration unter watch und kind dieser Aufgabe nach.',
  eval_unlabelled: 'Keines der Beispiele hat eine Antwort des Lehrers zum Vergleichen.',
  redaction_pattern:
    'Ein Muster der Schwärzung ist nicht zu gebrauchen. Sehen Sie in der Konfiguration unter redaction nach.',
  store_locked: 'Ein anderer Prozess hält die Datenbank fest. Versuchen Sie es gleich noch einmal.',
  store_overloaded: 'Die Datenbank hat mehr zu tun, als sie schafft. Versuchen Sie es gleich noch einmal.',
  store_unreachable:
    'Die Datenbank ist nicht erreichbar. Sehen Sie nach, ob ihr Server läuft; versuchen Sie es gleich noch einmal.',
  store_unavailable:
    'Das Gateway erreicht seine Datenbank gerade nicht. Versuchen Sie es gleich noch einmal.',
  store_timeout: 'Die Datenbank brauchte zu lange. Versuchen Sie es gleich noch einmal.',
  store_unwritable: 'Die Datenbank lässt sich nicht beschreiben. Sehen Sie nach, ob die Festplatte voll ist.',
  store_closed: 'Das Gateway hört gerade auf. Versuchen Sie es, wenn es wieder läuft.',
  store_value:
    'Was eingegeben wurde, lässt sich nicht aufheben: Es ist leer, zu lang oder keine der Möglichkeiten.',
  call_exists: 'Dieser Aufruf ist schon aufgezeichnet.',
  budget_exhausted:
    '{of, select, total {Das Budget aller Aufrufe} task {Das Budget der Aufgabe} other {Das Budget Ihres Schlüssels}} reicht in diesem Monat für diesen Aufruf nicht mehr: {spent, number, ::currency/USD .00##} von {budget, number, ::currency/USD .00##} sind ausgegeben. Erhöhen Sie es, oder warten Sie, bis am {renewsAt, date, medium} um {renewsAt, time, short} ein neues beginnt.',
  budget_reserved:
    '{of, select, total {Das Budget aller Aufrufe} task {Das Budget der Aufgabe} other {Das Budget Ihres Schlüssels}} reicht neben den laufenden Aufrufen für diesen nicht: Von {budget, number, ::currency/USD .00##} sind {spent, number, ::currency/USD .00##} ausgegeben und {reserved, number, ::currency/USD .00##} zurückgelegt. Versuchen Sie es gleich noch einmal, oder erhöhen Sie es.',
  budget_unknown:
    'Wie viel von den Budgets verbraucht ist, lässt sich gerade nicht sagen; darum beginnt kein Aufruf. Versuchen Sie es gleich noch einmal.',
  rate_limit_exceeded:
    '{what, select, call {Dieser Aufruf kann {tokens, number} Token brauchen, und Ihr Schlüssel hat {limit, number} je Minute. Schicken Sie weniger, oder erhöhen Sie die Grenze.} tokens {Die Grenze Ihres Schlüssels, {limit, number} Token je Minute, ist erreicht. Versuchen Sie es in {seconds, plural, one {# Sekunde} other {# Sekunden}} noch einmal.} other {Die Grenze Ihres Schlüssels, {limit, number} Aufrufe je Minute, ist erreicht. Versuchen Sie es in {seconds, plural, one {# Sekunde} other {# Sekunden}} noch einmal.}}',
  too_many_calls: 'Im Gateway laufen so viele Aufrufe, wie es annimmt. Versuchen Sie es gleich noch einmal.',
  recording_behind:
    'Das Gateway nimmt keine Aufrufe an, bis die vorigen aufgezeichnet sind. Versuchen Sie es gleich noch einmal.',
  recording_failed:
    'Die Datenbank nimmt keine Aufrufe auf, darum nimmt auch das Gateway keine an. Sehen Sie nach der Festplatte oder dem Datenbankserver.',
  stopping: 'Das Gateway hört gerade auf. Versuchen Sie es, wenn es wieder läuft.',
  client_gone: 'Die Seite hat die Antwort nicht abgewartet.',
  request_timeout: 'Die Antwort brauchte länger, als sie darf.',
  provider_answer_invalid: 'Die Antwort des Anbieters ist nicht lesbar.',
  provider_answer_too_large: 'Die Antwort des Anbieters ist größer, als sie sein darf.',
  provider_broke_off: 'Der Anbieter brach mitten in der Antwort ab. Versuchen Sie es noch einmal.',
  provider_redirect:
    'Der Anbieter schickte den Aufruf anderswohin, und dem folgt das Gateway nicht. Sehen Sie in der Konfiguration unter baseUrl nach.',
  provider_refused_key:
    'Der Anbieter wies den Schlüssel des Gateways ab. Sehen Sie nach der Variablen, die apiKeyEnv nennt.',
  provider_timeout: 'Der Anbieter brauchte zu lange für die Antwort.',
  provider_unreachable: 'Der Anbieter ist nicht erreichbar.',
  providers_suspended:
    'Alle Anbieter dieser Aufgabe sind immer wieder ausgefallen und werden eine Weile nicht gefragt. Versuchen Sie es in {seconds, plural, one {# Sekunde} other {# Sekunden}} noch einmal.',
  no_permitted_provider:
    'Keiner der Anbieter, deren Recht diese Aufgabe erlaubt, konnte antworten, und andere werden nicht gefragt.',
  provider_said: 'Der Anbieter lehnte den Aufruf ab (Status {status}): {said}',
  provider_status: 'Der Anbieter lehnte den Aufruf ab (Status {status}) und nannte keinen Grund.',
  model_not_found: 'Dieses Modell gibt es hier nicht. Die Konfiguration nennt die, die es gibt.',
  config_invalid: 'Die Konfiguration ist so nicht zu gebrauchen; `kolben doctor` sagt, wo.',
  /** Of many codes at once, which one at the console can do little about. */
  families: {
    inner:
      'Das Training hat seine eigene Arbeit abgelehnt ({code}). Das Protokoll sagt, wo; bitte melden Sie es.',
    model_files:
      'Die Dateien des Modells sind beschädigt oder von einer Art, die diese Version nicht lesen kann ({code}).',
    checkpoint:
      'Der Stand des Laufs lässt sich nicht lesen oder schreiben ({code}). Beginnen Sie einen neuen.',
    base: 'Das Grundmodell lässt sich nicht holen oder nicht gebrauchen ({code}). `kolben distill` auf der Befehlszeile sagt mehr.',
    dataset_folder: 'Der Ordner des Datensatzes lässt sich nicht lesen oder schreiben ({code}).',
    example_file:
      'Die Datei mit Beispielen ist nicht zu gebrauchen ({code}). `kolben dataset` auf der Befehlszeile sagt, wo.',
    gguf: 'GGUF kann diesen Schüler nicht fassen ({code}). Wählen Sie ein anderes Format.',
    answers:
      'Die Antworten folgen nicht dem Schema oder der Gleichheit dieser Aufgabe ({code}). Sehen Sie in der Konfiguration nach.',
    labelling: 'Der Lehrer gab die Antworten nicht, um die er gebeten wurde ({code}).',
    student_folder: 'Der Ordner des Schülers lässt sich nicht lesen oder schreiben ({code}): {path}',
    store: 'Die Datenbank verweigert ihre Arbeit ({code}). `kolben doctor` sagt, was nicht stimmt.',
    request: 'Die Anfrage ist keine, die dieses Gateway annimmt ({code}).',
  },
  internal_error: 'Dem Gateway ist ein Fehler unterlaufen. Sein Protokoll sagt, wo.',
  unknown: 'Der Seite ist ein Fehler unterlaufen. Laden Sie sie neu; kommt er wieder, melden Sie ihn bitte.',
};
