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
  internal_error: 'Dem Gateway ist ein Fehler unterlaufen. Sein Protokoll sagt, wo.',
  unknown: 'Der Seite ist ein Fehler unterlaufen. Laden Sie sie neu; kommt er wieder, melden Sie ihn bitte.',
};
