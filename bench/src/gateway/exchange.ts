/**
 * What is asked and answered in the bench: one request of a kilobyte, as a narrow job has it, and its answer, plain and
 * streamed.
 *
 * @module
 */

export const model = 'big-1';

const instructions =
  'You sort the mail of a shop. Answer with the name of exactly one queue and with nothing else. The queues are: ' +
  'orders, deliveries, returns, invoices, payments, complaints, accounts, products, partners, jobs, press, other. ' +
  'Mail that asks for several things belongs to the one that is asked for first. Mail that is about a parcel belongs ' +
  'to deliveries also where it complains. Mail in other languages is sorted as if it were in English.';
const mail =
  'Good morning, I ordered a coffee grinder with you on Tuesday last week and was told that it would be here by ' +
  'Friday. It is now Wednesday and the tracking page has said "in transit" for five days. Could you please find out ' +
  'where the parcel is? If it is lost I would rather have my money back than wait for another one. Kind regards, ' +
  'Anna from Graz';

/** @param asked the model as this gateway calls it */
export function requestBody(asked: string, stream: boolean): string {
  return JSON.stringify({
    model: asked,
    messages: [
      { role: 'system', content: instructions },
      { role: 'user', content: mail },
    ],
    temperature: 0,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  });
}

const id = 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT';
const usage = { prompt_tokens: 231, completion_tokens: 16, total_tokens: 247 };
const words = 'The parcel is late, so this mail belongs to the queue that is called deliveries .'.split(
  /(?= )/,
);

/** The answer to a plain request. */
export const completion = JSON.stringify({
  id,
  object: 'chat.completion',
  created: 1_760_000_000,
  model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: words.join(''), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { ...usage, prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 } },
  service_tier: 'default',
  system_fingerprint: 'fp_fc9f1d7035',
});

/** The events of a streamed answer, a word each. */
export const chunks: readonly string[] = [
  ...[{ role: 'assistant', content: '' }, ...words.map((content) => ({ content }))].map((delta) =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason: null }]),
  ),
  chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]),
  chunk([], { usage }),
  'data: [DONE]\n\n',
];

function chunk(choices: object[], more: object = {}): string {
  const data = {
    id,
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model,
    system_fingerprint: 'fp_fc9f1d7035',
    choices,
    ...more,
  };
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** The status line and headers of an answer but for its length, each with its line end. */
export function answerHead(contentType: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ndate: Fri, 27 Nov 2026 10:00:00 GMT\r\nconnection: keep-alive\r\n`;
}
