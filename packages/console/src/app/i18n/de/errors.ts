import type { errors as en } from '../en/errors.ts';
import type { Texts } from '../texts.ts';

export const errors: Texts<typeof en> = {
  title: 'Das ging nicht',
  unreachable:
    'Das Gateway ist nicht erreichbar. Sehen Sie nach, ob `kolben up` läuft, und versuchen Sie es noch einmal.',
  session_missing: 'Sie sind nicht angemeldet, oder die Sitzung ist zu Ende. Melden Sie sich neu an.',
  invalid_api_key:
    'Der Schlüssel gilt nicht. Suchen Sie nach einem Tippfehler; ein widerrufener oder abgelaufener Schlüssel öffnet nichts.',
  wrong_scope:
    'Dieser Schlüssel ist für Anfragen an Modelle. Die Konsole verlangt einen mit dem Umfang „admin“.',
  too_many_tries:
    'Von hier wurden zu viele falsche Schlüssel versucht. Warten Sie eine Minute, dann noch einmal.',
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
  internal_error: 'Dem Gateway ist ein Fehler unterlaufen. Sein Protokoll sagt, wo.',
  unknown: 'Der Seite ist ein Fehler unterlaufen. Laden Sie sie neu; kommt er wieder, melden Sie ihn bitte.',
};
