/**
 * From spans and choices to the answer.
 *
 * @module
 */
import { type Span, spanText, type WordedText } from './find-spans.ts';
import type { Json } from './json.ts';
import type { Maybe, Plan, PlanNode, TagKind } from './plan.ts';
import { readers } from './readers.ts';

/** A span that was found. */
export interface Found extends TagKind {
  readonly span: Span;
  /** Of two for one place in the answer, the higher counts. */
  readonly score: number;
}

interface Rendered extends Maybe {
  /** Something was found in the text, or chosen. */
  readonly found: boolean;
}

/** The answer that spans and choices make; undefined where they make none at all. */
export function render(
  plan: Plan,
  worded: WordedText,
  spans: readonly Found[],
  choices: readonly number[],
): Json | undefined {
  return renderNode(plan, plan.root, worded, spans, choices).value;
}

function renderNode(
  plan: Plan,
  node: PlanNode,
  worded: WordedText,
  spans: readonly Found[],
  choices: readonly number[],
): Rendered {
  const mine = (label: number) => spans.filter((one) => one.label === label);
  switch (node.kind) {
    case 'constant':
      return { value: node.value, found: false };
    case 'choice': {
      const { value } = plan.choices[node.choice].values[choices[node.choice]];
      return value === undefined ? { found: false } : { value, found: true };
    }
    case 'span': {
      const best = mine(node.label)
        .map(({ span, score }) => ({ value: readers[node.reader](spanText(worded, span)), score, span }))
        .filter(({ value }) => value !== undefined)
        .sort((a, b) => b.score - a.score || a.span.from - b.span.from)[0];
      return best ? { value: best.value, found: true } : { ...node.absent, found: false };
    }
    case 'spans': {
      const values = mine(node.label)
        .sort((a, b) => a.span.from - b.span.from)
        .flatMap(({ span }) => readers[node.reader](spanText(worded, span)) ?? []);
      return values.length > 0 ? { value: values, found: true } : { ...node.empty, found: false };
    }
    case 'object': {
      const members = Object.entries(node.members).map(
        ([key, member]) => [key, renderNode(plan, member, worded, spans, choices)] as const,
      );
      const found = members.some(([, member]) => member.found);
      if (!found && node.empty) return { ...node.empty, found };
      const present = members.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]]));
      return { value: Object.fromEntries(present) as Json, found };
    }
    case 'list': {
      const labels = labelsOf(node.element);
      const elements = elementsOf(
        spans.filter(({ label }) => labels.has(label)),
        repeatable(node.element),
      ).flatMap((own) => {
        const { value, found } = renderNode(plan, node.element, worded, own, choices);
        return found && value !== undefined ? [value] : [];
      });
      return elements.length > 0 ? { value: elements, found: true } : { ...node.empty, found: false };
    }
  }
}

/** Spans in the order of the text, a new element where one says so or a label comes again. */
function elementsOf(spans: readonly Found[], again: ReadonlySet<number>): Found[][] {
  const elements: Found[][] = [];
  let seen = new Set<number>();
  for (const span of [...spans].sort((a, b) => a.span.from - b.span.from || a.label - b.label)) {
    if (elements.length === 0 || span.first || (seen.has(span.label) && !again.has(span.label))) {
      elements.push([]);
      seen = new Set();
    }
    elements[elements.length - 1].push(span);
    seen.add(span.label);
  }
  return elements;
}

/** The labels that a node's answer is made of. */
export function labelsOf(node: PlanNode): Set<number> {
  if (node.kind === 'span' || node.kind === 'spans') return new Set([node.label]);
  if (node.kind === 'list') return labelsOf(node.element);
  if (node.kind !== 'object') return new Set();
  return new Set(Object.values(node.members).flatMap((member) => [...labelsOf(member)]));
}

/** Labels that may come several times in one element: those of arrays in it. */
function repeatable(node: PlanNode): Set<number> {
  if (node.kind === 'spans') return new Set([node.label]);
  if (node.kind !== 'object') return new Set();
  return new Set(Object.values(node.members).flatMap((member) => [...repeatable(member)]));
}
