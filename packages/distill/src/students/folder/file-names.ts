/**
 * The names of a student folder's files (design, section 8).
 *
 * @module
 */
export const configName = 'config.json';
export const weightsName = 'model.safetensors';
export const tokenizerName = 'tokenizer.json';
export const tokenizerConfigName = 'tokenizer_config.json';
export const onnxName = 'onnx/model.onnx';
/** A smaller copy of it, by the name that readers of Hugging Face folders know. */
export const quantisedName = 'onnx/model_quantized.onnx';
/** For people: it may be edited, and nothing depends on it. */
export const cardName = 'README.md';
/** What the others are, and whence. */
export const manifestName = 'kolben.json';

/** What every student has. */
export const requiredNames = [configName, weightsName, tokenizerName, tokenizerConfigName, onnxName] as const;

/** What some have besides. No other name is written or read, so no manifest leads out of its folder. */
export const optionalNames = [quantisedName, 'generation_config.json', 'special_tokens_map.json'] as const;

/** What decides the answers, and is guarded by a digest. */
export const modelNames = [...requiredNames, ...optionalNames] as const;
export type ModelName = (typeof modelNames)[number];

/** What its certificate was reckoned from: numbers, no texts. Nothing depends on it but another certificate. */
export const scoresName = 'scores.json';

export const fileNames: readonly string[] = [...modelNames, cardName, manifestName, scoresName];
