/**
 * The plan of an extraction: which parts of the answer are spans of the text, which are choices, and how the answer is
 * put together from them. It is plain JSON and is kept in the student's config.json.
 *
 * @module
 */
import { z } from 'zod';
import type { Json } from './json.ts';
import { type ReaderName, readerNames } from './readers.ts';

/** A value, or none: the key is left out of its object. */
export interface Maybe {
  readonly value?: Json;
}

export type PlanNode =
  /** Always the same. */
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'choice'; readonly choice: number }
  /** One span, or what stands where there is none. */
  | { readonly kind: 'span'; readonly label: number; readonly reader: ReaderName; readonly absent: Maybe }
  /** An array of what spans say, in the order of the text. */
  | { readonly kind: 'spans'; readonly label: number; readonly reader: ReaderName; readonly empty: Maybe }
  /** `empty` is what stands where nothing was found for any member; without it, the members as they are then. */
  | {
      readonly kind: 'object';
      readonly members: { readonly [key: string]: PlanNode };
      readonly empty?: Maybe;
    }
  /** An array of objects, in the order of the text. */
  | { readonly kind: 'list'; readonly element: PlanNode; readonly empty: Maybe };

/** What a span may be of. */
export interface Label {
  readonly path: string;
  /** Spans of one layer don't overlap. */
  readonly layer: number;
  /** Part of an element of an array of objects, of which a span may be the first. */
  readonly inList: boolean;
}

export interface Choice {
  readonly path: string;
  /** In the order of their numbers. */
  readonly values: readonly Maybe[];
}

export interface Plan {
  readonly root: PlanNode;
  readonly labels: readonly Label[];
  readonly choices: readonly Choice[];
  /** The commonest answer, in canonical form: said, without any confidence, where nothing valid was found. */
  readonly fallback: string;
}

/** What a tag says of a word beyond "begins" and "goes on". */
export interface TagKind {
  readonly label: number;
  /** The first span of an element. */
  readonly first: boolean;
}

/** By layer the kinds of spans. Tag 0 is outside, 2k + 1 begins kind k, 2k + 2 goes on with it. */
export function tagKinds({ labels }: Pick<Plan, 'labels'>): TagKind[][] {
  const layers = labels.reduce((most, { layer }) => Math.max(most, layer + 1), 0);
  return Array.from({ length: layers }, (_, layer) =>
    labels.flatMap((label, number) => {
      if (label.layer !== layer) return [];
      const kinds: TagKind[] = [{ label: number, first: false }];
      return label.inList ? [...kinds, { label: number, first: true }] : kinds;
    }),
  );
}

const jsonSchema: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(jsonSchema),
    z.record(z.string(), jsonSchema),
  ]),
);
const maybeSchema = z.object({ value: jsonSchema.optional() });
const number = z.int().nonnegative();
const readerSchema = z.enum(readerNames);

const nodeSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('constant'), value: jsonSchema }),
    z.object({ kind: z.literal('choice'), choice: number }),
    z.object({ kind: z.literal('span'), label: number, reader: readerSchema, absent: maybeSchema }),
    z.object({ kind: z.literal('spans'), label: number, reader: readerSchema, empty: maybeSchema }),
    z.object({
      kind: z.literal('object'),
      members: z.record(z.string(), nodeSchema),
      empty: maybeSchema.optional(),
    }),
    z.object({ kind: z.literal('list'), element: nodeSchema, empty: maybeSchema }),
  ]),
);

/** Checks a plan that was read from a file. */
export const planSchema: z.ZodType<Plan> = z.object({
  root: nodeSchema,
  labels: z.array(z.object({ path: z.string(), layer: number, inList: z.boolean() })),
  choices: z.array(z.object({ path: z.string(), values: z.array(maybeSchema).min(1) })),
  fallback: z.string(),
});
