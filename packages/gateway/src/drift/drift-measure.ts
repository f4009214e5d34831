/** What is counted of inputs, as the store names it: how sure the student is, and how much of them it doesn't know. */
export type DriftMeasure = 'confidence' | 'unknownGrams';
