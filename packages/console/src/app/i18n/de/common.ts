import type { common as en } from '../en/common.ts';
import type { Texts } from '../texts.ts';

export const common: Texts<typeof en> = {
  appName: 'Kolben',
  skip: 'Zum Inhalt',
  navigation: 'Seiten der Konsole',
  openNavigation: 'Liste der Seiten öffnen',
  closeNavigation: 'Liste der Seiten schließen',
  language: 'Sprache',
  scheme: {
    label: 'Farben',
    auto: 'Wie im System',
    light: 'Hell',
    dark: 'Dunkel',
  },
  signIn: {
    title: 'Anmelden',
    what: 'Das ist die Konsole eines Kolben-Gateways. Der Zugang ist ein Schlüssel mit dem Umfang „admin“.',
    key: 'Admin-Schlüssel',
    keyHint: 'kb-…',
    showKey: 'Schlüssel zeigen',
    ended:
      'Die Sitzung ist zu Ende: Sie war zu lange ungenutzt, oder ihr Schlüssel wurde widerrufen. Melden Sie sich neu an, und Sie sind, wo Sie waren.',
    submit: 'Anmelden',
    noKey: 'Noch kein Schlüssel? Auf dem Rechner des Gateways:',
  },
  signOut: 'Abmelden',
  signedInAs: 'Angemeldet mit dem Schlüssel <name></name>',
  retry: 'Noch einmal versuchen',
  loading: 'Wird geladen …',
  copy: 'Kopieren',
  copied: 'Kopiert',
  close: 'Schließen',
  cancel: 'Abbrechen',
  version: 'Version {version}',
  notLive:
    'Die Verbindung zum Gateway ist abgerissen; was hier steht, kann veraltet sein. Sie wird neu aufgebaut.',
  notFound: 'Diese Seite gibt es nicht',
  notFoundHint: 'Die Adresse führt nirgendwohin. Wählen Sie eine Seite aus der Liste.',
  hidden: 'verborgenes Zeichen {code}',
  rows: '{count, plural, =0 {keine Zeilen} one {# Zeile} other {# Zeilen}}',
  number: {
    none: 'Geben Sie eine Zahl ohne Tausendertrennzeichen ein, etwa {example}.',
    whole: 'Geben Sie eine ganze Zahl ein.',
    outOfRange: 'Von {least} bis {most}.',
  },
  service: {
    answering: 'im Dienst',
    forced: 'antwortet, obwohl aus dem Dienst genommen',
    shadowing: 'im Schatten: niemand bekommt seine Antworten',
    uncertified: 'ohne Zertifikat: der Lehrer antwortet',
    unasked: 'nicht gefragt: der Lehrer antwortet',
    withdrawn: 'aus dem Dienst genommen: der Lehrer antwortet',
    waiting: 'nicht im Dienst',
  },
  route: {
    teacher: 'Lehrer',
    shadow: 'Schatten',
    cascade: 'Kaskade',
    student: 'Schüler',
  },
};
