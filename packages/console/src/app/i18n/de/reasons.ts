import type { reasons as en } from '../en/reasons.ts';
import type { Texts } from '../texts.ts';

export const reasons: Texts<typeof en> = {
  watch: {
    interrupted: 'Grund: Ein Destillieren wurde unterbrochen.',
    route_student: 'Grund: Die Route Schüler hat ein Mensch gesetzt, und sie bleibt.',
    withdrawn: 'Grund: Ihr Schüler hielt sein Versprechen nicht mehr und ist aus dem Dienst genommen.',
    certified: 'Grund: Ihr Schüler ist für {coverage, number, ::percent .#} der Aufrufe zertifiziert.',
    shadow_missing:
      'Grund: Ihr Schüler soll noch {calls, plural, one {# Aufruf} other {# Aufrufe}} im Schatten beantworten.',
    shadow_agreed:
      'Grund: Im Schatten wich er in {disagreed, number} von {compared, number} Aufrufen ab, deren er sicher war.',
    shadow_disagreed:
      'Grund: Im Schatten wich er in {disagreed, number} von {compared, number} Aufrufen ab, deren er sicher war; das ist mehr, als {alpha, number, ::percent .#} erklären.',
    pinned: 'Grund: Die Konfiguration nennt ihren Schüler, darum nimmt kein anderer seinen Platz ein.',
    calls_missing:
      'Grund: Bis zum nächsten Datensatz {calls, plural, one {fehlt # Aufruf} other {fehlen # Aufrufe}} mit einer Antwort des Lehrers.',
    new_calls_missing:
      'Grund: Bis zum nächsten Datensatz {calls, plural, one {fehlt # neuer Aufruf} other {fehlen # neue Aufrufe}} mit einer Antwort des Lehrers.',
    calls_enough: 'Grund: Es gibt {calls, number} Aufrufe mit einer Antwort des Lehrers.',
    new_calls_enough: 'Grund: Es gibt {calls, number} neue Aufrufe mit einer Antwort des Lehrers.',
    terms_forbidden: 'Grund: Die Bedingungen von {provider} verbieten es.',
  },
  certificate: {
    calibration_small:
      'Zur Kalibrierung sind {calibration, number} Beispiele da, und höchstens {alpha, number, ::percent .##} Abweichung mit {confidence, number, ::percent .##} Sicherheit verlangt mindestens {fewest, number} ohne Abweichung.',
    tune_empty: 'Der Teil zum Einstellen ist leer, darum gibt es keine Schwelle zu prüfen.',
    disagrees:
      'Wo der Schüler am sichersten ist ({n, number} von {calibration, number} Beispielen der Kalibrierung), wich er in {disagreements, number} vom Lehrer ab; das zeigt nicht höchstens {alpha, number, ::percent .##} Abweichung mit {confidence, number, ::percent .##} Sicherheit.',
    callsNeeded: 'Es bräuchte etwa {callsNeeded, number} Aufrufe mehr.',
    never:
      'Auch wo er am sichersten ist, weicht er zu oft ab; er braucht mehr Beispiele zum Lernen, sauberere Antworten oder ein größeres Alpha.',
  },
  terms: {
    permission:
      'Die Bedingungen von {provider} verbieten {kind, select, classify {einen Klassifikator} extract {einen Extraktor} other {einen Generator}}{distribution, select, internal { für den eigenen Gebrauch} other {, der an Dritte gegeben wird}}; er beruht auf der Erlaubnis {reference} vom {date}.',
    nobody:
      'Niemand weiß, von wem {calls, plural, one {# Antwort} other {# Antworten}} kamen; darum wurden keine Bedingungen geprüft.',
    unread:
      'Ob die Bedingungen von {provider} ({calls, plural, one {# Antwort} other {# Antworten}}) {kind, select, classify {einen Klassifikator} extract {einen Extraktor} other {einen Generator}}{distribution, select, internal { für den eigenen Gebrauch} other {, der an Dritte gegeben wird,}} erlauben, ist nicht bekannt: Lesen Sie sie, und schreiben Sie unter providers.{provider}.terms auf, was Sie fanden.',
  },
  plan: {
    run_short:
      'Der Lauf ist zu kurz, um mehrere Chips zu erproben, und einer braucht {stepMs, number, ::.0#} ms je Schritt.',
    one_core:
      'Ein Chip ist so schnell wie jede andere Verteilung, {stepMs, number, ::.0#} ms je Schritt: Für mehrere ist zu wenig zu tun, oder es gibt nur einen.',
    one_chip:
      'Ein Chip aus {threads, number} Kernen ist so schnell wie jede andere Verteilung, {stepMs, number, ::.0#} ms je Schritt.',
    replicas:
      'Alles passt auf jeden Chip; darum rechnet jeder an eigenen Microbatches, und die Gradienten werden ausgetauscht: {stepMs, number, ::.0#} ms je Schritt.',
    pipeline:
      'Beim Verfahren „{schedule}“ werden die Stufen so gleichmäßig, dass keine andere Verteilung messbar schneller ist: {stepMs, number, ::.0#} ms je Schritt, davon {bubble, number, ::percent .#} Wartezeit.',
    memory:
      'Ein Chip darf {limit} benutzen, und auf einem allein bräuchte das Modell {needed}; darum ist es in {stages, number} Stufen geteilt. Nichts, was passt, ist messbar schneller als das Verfahren „{schedule}“: {stepMs, number, ::.0#} ms je Schritt.',
    memory_recompute:
      'Ein Chip darf {limit} benutzen, und auf einem allein bräuchte das Modell {needed}; darum ist es in {stages, number} Stufen geteilt. Nichts, was passt, ist messbar schneller als das Verfahren „{schedule}“, das Zwischenergebnisse neu berechnet: {stepMs, number, ::.0#} ms je Schritt.',
    beside:
      'Zum Vergleich: {chips, plural, =1 {ein Chip aus {threads, number} Kernen} other {{schedule}{threads, plural, =1 {} other { auf Chips aus je # Kernen}}}}, {stepMs, number, ::.0#} ms.',
  },
  folder: {
    unreadable: 'Sein Ordner ist nicht lesbar',
    other: 'In seinem Ordner liegt ein anderer Schüler',
  },
};
