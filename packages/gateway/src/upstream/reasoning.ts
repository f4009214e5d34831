/**
 * Reasoning as providers spell it: in requests that of earlier turns, in answers that of this one.
 *
 * Three spellings are in use: a member `reasoning_content` of the message (DeepSeek, Moonshot, xAI, Alibaba, llama.cpp), a
 * member `reasoning` (Groq, Cerebras, vLLM, Ollama, OpenRouter), and parts of the content, `thinking` (Mistral). Some
 * demand it back, some refuse it, some refuse any member that they don't know (decision 0203).
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';

export const spellings = ['reasoning_content', 'reasoning', 'thinking'] as const;
export type Spelling = (typeof spellings)[number];

export const carriedTurns = ['all', 'tools', 'none'] as const;

export interface ReasoningSettings {
  /** Its spelling; undefined: as the client wrote it. */
  as?: Spelling | undefined;
  /** Of which earlier turns it gets the reasoning. A turn is what lies between two messages of the user. */
  turns: (typeof carriedTurns)[number];
}

/** The messages as this provider wants them; undefined where they are so already. */
export function carryReasoning(messages: unknown, { as, turns }: ReasoningSettings): unknown[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  let hasChanged = false;
  const carried: unknown[] = [];
  for (const turn of turnsOf(messages)) {
    const isKept = turns === 'all' || (turns === 'tools' && turn.some(callsTools));
    for (const message of turn) {
      const isOwn = isObject(message) && message.role === 'assistant';
      const changed = isOwn ? (isKept ? as && respell(message, as) : withoutReasoning(message)) : undefined;
      if (changed) hasChanged = true;
      carried.push(changed ?? message);
    }
  }
  return hasChanged ? carried : undefined;
}

/** Each message of the user begins a turn. */
function turnsOf(messages: readonly unknown[]): unknown[][] {
  const turns: unknown[][] = [[]];
  for (const message of messages) {
    if (isObject(message) && message.role === 'user') turns.push([]);
    turns.at(-1)!.push(message);
  }
  return turns;
}

function callsTools(message: unknown): boolean {
  return isObject(message) && Array.isArray(message.tool_calls) && message.tool_calls.length > 0;
}

/** A plain answer with its reasoning spelt so; undefined where it is already, or has none. */
export function respellAnswer(answer: JsonObject, as: Spelling): JsonObject | undefined {
  return respellChoices(answer, 'message', as);
}

/** The same for a chunk of a stream. */
export function respellChunk(chunk: JsonObject, as: Spelling): JsonObject | undefined {
  return respellChoices(chunk, 'delta', as);
}

function respellChoices(from: JsonObject, member: 'message' | 'delta', as: Spelling): JsonObject | undefined {
  if (!Array.isArray(from.choices)) return undefined;
  let hasChanged = false;
  const choices = from.choices.map((choice: unknown) => {
    if (!isObject(choice) || !isObject(choice[member])) return choice;
    const respelt = respell(choice[member], as);
    // Mistral writes parts wherever it thinks; where nobody shows thoughts as parts, a text is one text.
    const changed = as === 'thinking' ? respelt : (inOneText(respelt ?? choice[member]) ?? respelt);
    if (!changed) return choice;
    hasChanged = true;
    return { ...choice, [member]: changed };
  });
  return hasChanged ? { ...from, choices } : undefined;
}

/** The message with its reasoning in this spelling and no other; undefined where nothing has to change. */
function respell(message: JsonObject, as: Spelling): JsonObject | undefined {
  const { reasoning_content, reasoning, ...rest } = message;
  const { thoughts, content } = splitContent(message.content);
  const others = spellings.filter((spelling) => spelling !== as);
  const isThere = (spelling: Spelling) =>
    spelling === 'thinking' ? thoughts !== undefined : message[spelling] !== undefined;
  if (!others.some(isThere)) return undefined;
  const text = [as === 'thinking' ? thoughts : message[as], reasoning_content, reasoning, thoughts].find(
    (each): each is string => typeof each === 'string' && each !== '',
  );
  if (as === 'thinking') {
    if (text === undefined) return rest;
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text }] };
    return { ...rest, content: [thinking, ...partsOf(content)] };
  }
  return {
    ...rest,
    ...(thoughts !== undefined && { content }),
    ...(text !== undefined && { [as]: text }),
  };
}

/** The message with a content of text parts as one text; undefined where it is of another kind. */
function inOneText(message: JsonObject): JsonObject | undefined {
  const text = Array.isArray(message.content) ? textOfParts(message.content) : undefined;
  return text === undefined ? undefined : { ...message, content: text };
}

function withoutReasoning(message: JsonObject): JsonObject | undefined {
  const { reasoning_content, reasoning, reasoning_details, ...rest } = message;
  const { thoughts, content } = splitContent(message.content);
  const isThere = [reasoning_content, reasoning, reasoning_details, thoughts].some(
    (each) => each !== undefined,
  );
  if (!isThere) return undefined;
  return thoughts === undefined ? rest : { ...rest, content };
}

/** The thinking parts of a content as one text, undefined where it has none, and what is left without them. */
function splitContent(content: unknown): { thoughts: string | undefined; content: unknown } {
  if (!Array.isArray(content)) return { thoughts: undefined, content };
  const isThinking = (part: unknown): part is JsonObject => isObject(part) && part.type === 'thinking';
  const thinking = content.filter(isThinking);
  if (thinking.length === 0) return { thoughts: undefined, content };
  const left = content.filter((part: unknown) => !isThinking(part));
  return {
    thoughts: thinking.map(({ thinking: inner }) => textIn(inner)).join(''),
    // What is all text goes on as one text, as the other providers write it.
    content: textOfParts(left) ?? left,
  };
}

/** Parts that are all text, joined. */
function textOfParts(parts: readonly unknown[]): string | undefined {
  const texts = parts.map((part) =>
    isObject(part) && part.type === 'text' && typeof part.text === 'string' ? part.text : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts.join('') : undefined;
}

function textIn(thinking: unknown): string {
  if (typeof thinking === 'string') return thinking;
  if (!Array.isArray(thinking)) return '';
  return thinking
    .map((part: unknown) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

function partsOf(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}
