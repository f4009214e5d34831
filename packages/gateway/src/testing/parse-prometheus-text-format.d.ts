/** The parser of Prometheus' text format that the tests of the metrics use; it brings no types. */
declare module 'parse-prometheus-text-format' {
  export default function parse(text: string): unknown;
}
