/**
 * What `kolben init` writes: a configuration that works once a key is set, and that explains itself.
 *
 * @module
 */
export const configTemplate = `import { defineConfig } from 'kolben';

export default defineConfig({
  // Everything Kolben keeps lies here: recorded calls (encrypted), keys (hashed), students. Keep it out of git.
  dataDirectory: '.kolben',

  // Only this machine can reach the gateway. To serve a network, set host to '0.0.0.0' and put TLS in front.
  host: '127.0.0.1',
  port: 4141,

  // Whom the gateway may ask. Any OpenAI-compatible API will do; 'ollama' below would be one on this machine,
  // and 'own' a decoder in a folder (Hugging Face's layout, or a student that writes) that the gateway runs itself.
  providers: {
    openai: {
      baseUrl: 'https://api.openai.com/v1',
      // The NAME of the environment variable with the key. The key itself belongs in no file.
      apiKeyEnv: 'OPENAI_API_KEY',
      // Under whose law it answers: a country's two letters, or EU. Tasks may keep to some of them.
      jurisdiction: 'US',
      // May this provider's answers train a model? Read its terms and write down what you found.
      terms: { distillation: 'unknown' },
      // US dollars per million tokens; the ledger reckons with these. Correct them when they change. What is left out
      // has the price that comes with Kolben, if there is one: 'kolben providers' shows which. asOf: '2026-11-28' and
      // page: 'https://…' say when and where you looked; they are shown beside the price.
      prices: {
        'gpt-4.1-mini': { inputPerMillion: 0.4, outputPerMillion: 1.6, cachedInputPerMillion: 0.1 },
      },
    },
    // Others, and what is peculiar about them; 'kolben providers check' tries what they can.
    // deepseek: { baseUrl: 'https://api.deepseek.com', apiKeyEnv: 'DEEPSEEK_API_KEY', jurisdiction: 'CN', reasoning: { as: 'reasoning_content', turns: 'tools' } },
    // mistral: { baseUrl: 'https://api.mistral.ai/v1', apiKeyEnv: 'MISTRAL_API_KEY', jurisdiction: 'FR', streamUsage: 'leave', reasoning: { as: 'thinking' } },
    // anthropic: { baseUrl: 'https://api.anthropic.com/v1', apiKeyEnv: 'ANTHROPIC_API_KEY', jurisdiction: 'US', reasoning: { turns: 'none' } },
    // vllm: { baseUrl: 'http://127.0.0.1:8000/v1', jurisdiction: 'AT', reasoning: { as: 'reasoning' }, prices: { 'Qwen/Qwen3-8B': { inputPerMillion: 0, outputPerMillion: 0 } } },
    // ollama: { baseUrl: 'http://127.0.0.1:11434/v1', jurisdiction: 'AT', reasoning: { as: 'reasoning' }, prices: { 'qwen3:8b': { inputPerMillion: 0, outputPerMillion: 0 } } },
    // llamacpp: { baseUrl: 'http://127.0.0.1:8080/v1', jurisdiction: 'AT', reasoning: { as: 'reasoning_content' }, prices: { any: { inputPerMillion: 0, outputPerMillion: 0 } } },
    // own: { folder: './a-decoder', prices: { decoder: { inputPerMillion: 0, outputPerMillion: 0 } } },
  },

  // How long the words of recorded calls are kept, in days; then they are deleted for good, and their figures stay. A
  // student learns from those that are there.
  retention: { textDays: 180 },

  // Mail addresses, phone numbers, IBANs, cards and numbers of persons are taken out of texts before they are stored.
  // What only your house has, such as customer numbers, needs its form:
  // redaction: { patterns: [{ name: 'customer', pattern: 'C-\\\\d{8}' }] },

  // What all calls together may cost in a calendar month (UTC), US dollars. When it is used up, calls are refused.
  // budget: { usdPerMonth: 100 },

  // One narrow job each. Clients name it as their model: 'kolben/mails'.
  tasks: {
    mails: {
      kind: 'classify',
      teacher: 'openai/gpt-4.1-mini',
      // Who is asked where the teacher can't answer, and whom never: EU stands for its member states.
      // fallbacks: ['mistral/mistral-small-latest', 'ollama/qwen3:8b'],
      // jurisdictions: { only: ['EU'] },
      // teacher: the teacher answers, calls are recorded        shadow: the same, and the student is asked beside it
      // cascade: the student answers what it is sure of         student: the student answers everything
      route: 'teacher',
      // What this task may cost in a month; a key can have a budget too ('kolben keys set').
      // budget: { usdPerMonth: 20 },
      // Answers that are given once more to the very same request, for an hour. Off unless it stands here.
      // cache: { ttlSeconds: 3600 },
    },
  },
});
`;
