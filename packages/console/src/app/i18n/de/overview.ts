import type { overview as en } from '../en/overview.ts';
import type { Texts } from '../texts.ts';

export const overview: Texts<typeof en> = {
  title: 'Übersicht',
  lead: 'Was jetzt gilt: was Aufrufe kosten, was Schüler gespart haben und was Ihre Aufmerksamkeit braucht.',
  span: {
    label: 'Zeitraum',
    day: '24 Stunden',
    week: '7 Tage',
    month: '30 Tage',
    quarter: '90 Tage',
  },
  spent: 'Ausgegeben',
  spentNote: '{count, plural, =0 {keine Aufrufe} one {# Aufruf} other {# Aufrufe}}',
  estimatedNote:
    'bei {count, plural, one {# Aufruf} other {# Aufrufen}} nannte kein Anbieter die Token; Kolben hat sie gezählt',
  estimatedAvoidedNote:
    'bei {count, plural, one {# Aufruf} other {# Aufrufen}}, die kein Lehrer beantwortet hat, hat Kolben die Token gezählt',
  avoided: 'Vermieden',
  avoidedNote: 'gegenüber dem Lehrer allein',
  extra: 'Mehr ausgegeben als der Lehrer allein',
  extraNote: 'beide zu fragen kostete mehr, als es sparte',
  share: 'Von Schülern beantwortet',
  shareNote: '{count, plural, =0 {kein Aufruf} one {# Aufruf} other {# Aufrufe}}',
  fromCache: 'und {count, plural, one {# Aufruf} other {# Aufrufe}} aus dem Zwischenspeicher',
  chart: 'Aufrufe im Lauf der Zeit',
  chartTold: 'Aufrufe von {since} bis {until}, danach, wer sie beantwortet hat.',
  answerer: { teacher: 'Lehrer', student: 'Schüler', cache: 'Zwischenspeicher' },
  tasks: 'Aufgaben',
  task: 'Aufgabe',
  route: 'Route',
  standing: 'Schüler',
  calls: 'Aufrufe',
  byStudent: 'Vom Schüler',
  cost: 'Ausgegeben',
  saved: 'Vermieden',
  state: {
    none: 'noch keiner',
    unreadable: 'sein Ordner ist nicht lesbar',
  },
  certificate: 'höchstens {alpha} Abweichung, für {coverage} der Aufrufe',
  alarms: 'Braucht Ihre Aufmerksamkeit',
  noAlarms: 'Nichts braucht Ihre Aufmerksamkeit.',
  alarm: {
    withdrawn:
      'Der Schüler von {task} wurde aus dem Dienst genommen, weil er öfter vom Lehrer abwich, als sein Zertifikat erlaubt. {isForced, select, true {Die Route Schüler lässt ihn trotzdem antworten.} other {Seine Aufrufe beantwortet der Lehrer.}} Lesen Sie die Abweichungen, dann destillieren Sie neu.',
    drift:
      'Die Aufrufe von {task} sehen nicht mehr aus wie die, an denen der Schüler geeicht wurde (gefunden {at}). Destillieren Sie neu aus jüngeren Aufrufen.',
    budget:
      '{of, select, all {Das Budget aller Aufrufe} task {Das Budget der Aufgabe {name}} other {Das Budget des Schlüssels {name}}} ist zu {share} verbraucht: {used} von {budget} in diesem Monat.',
    budgetOver:
      '{of, select, all {Das Budget aller Aufrufe} task {Das Budget der Aufgabe {name}} other {Das Budget des Schlüssels {name}}} ist aufgebraucht: {used} von {budget} in diesem Monat. Weitere Aufrufe werden abgelehnt; erhöhen Sie es oder warten Sie auf den nächsten Monat.',
    provider:
      'Der Anbieter {provider} ist immer wieder ausgefallen und wird {left} lang nicht gefragt. Aufgaben mit einem Ersatz gehen dorthin.',
    recording:
      'Die Datenbank nimmt keine Aufrufe auf, darum nimmt auch das Gateway keine an; {waiting, plural, =0 {keiner wartet} one {# Aufruf wartet} other {# Aufrufe warten}} darauf, aufgezeichnet zu werden. Sehen Sie nach der Festplatte oder dem Datenbankserver.',
  },
  emptyTasks: 'Es gibt noch keine Aufgabe',
  emptyTasksHint:
    'Nennen Sie eine in kolben.config.ts: ihre Art und ihren Lehrer. Dann starten Sie das Gateway neu.',
  emptyCalls: 'In diesem Zeitraum kam kein Aufruf',
  emptyCallsHint:
    'Richten Sie Ihren OpenAI-Client auf <url></url>, mit einem Schlüssel des Umfangs „use“, und rufen Sie das Modell <model></model> auf.',
};
