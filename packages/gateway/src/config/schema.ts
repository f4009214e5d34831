/**
 * What a `kolben.config.ts` may say, as one zod schema; its types are inferred from it and from nowhere else.
 *
 * It checks everything that can be known from the text alone. What only the machine knows (is the provider's key
 * in the environment, can the student folder be read) is checked where it is used, at the start of the gateway.
 *
 * @module
 */
import { z } from 'zod';
import { budgetSchema } from './budget-schema.ts';
import { checkTeachers } from './check-teachers.ts';
import { name } from './fields.ts';
import { limitsSchema } from './limits-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { redactHookSchema, redactionSchema } from './redaction-schema.ts';
import { retentionSchema } from './retention-schema.ts';
import { storeSchema } from './store-schema.ts';
import { studentsSchema } from './students-schema.ts';
import { taskSchema } from './task-schema.ts';
import { telemetrySchema } from './telemetry-schema.ts';

export const configSchema = z
  .strictObject({
    /** Where the store lies, or, with the store on a server, its key. */
    dataDirectory: z.string().min(1).default('.kolben'),
    /** Loopback unless told otherwise: what isn't meant for the network must not be on it. */
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 lets the system choose. */
    port: z.int().min(0).max(65_535).default(4141),
    /** Names in the Host header, besides loopback's own, that the gateway answers to. */
    allowedHosts: z.array(z.string().min(1)).default([]),
    /** The web page at `/console`, for keys of scope admin. */
    console: z.boolean().default(true),
    providers: z.record(name, providerSchema),
    tasks: z.record(name, taskSchema),
    /** What all calls together may cost in a month. */
    budget: budgetSchema.optional(),
    students: studentsSchema.prefault({}),
    limits: limitsSchema.prefault({}),
    /** What is taken out of texts before they are stored. */
    redaction: redactionSchema.prefault({}),
    /** A function of one's own that goes over each text first. */
    redact: redactHookSchema.optional(),
    /** How long the words of calls are kept. */
    retention: retentionSchema.prefault({}),
    /** Left out: one SQLite file in the data directory. */
    store: storeSchema.optional(),
    /** Metrics and traces, off unless switched on. */
    telemetry: telemetrySchema.prefault({}),
  })
  .superRefine((config, context) => {
    for (const { path, message } of checkTeachers(config))
      context.addIssue({ code: 'custom', path: [...path], message });
  });

/** A configuration as one writes it: whatever has a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration that has been checked, with every default in its place. */
export type Config = z.output<typeof configSchema>;
