/**
 * The thread that computes the linear n-gram baseline: takes its input as worker data, posts the predictions.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type NgramLinearInput, trainAndPredict } from './ngram-linear.ts';

parentPort?.postMessage(trainAndPredict(workerData as NgramLinearInput));
