/**
 * The first output of every program that a chip runs into given memory: an empty sequence, which nobody reads.
 *
 * ONNX Runtime's binding for Node copies every output into new memory when a run is over, also those that the run
 * has written where it was told to. For the sums of large gradients and for AdamW that is a good part of all time,
 * and collecting the garbage comes on top. Outputs are copied in their order, and a sequence is refused: with one
 * in front, nothing is copied. `Kernel.runInto` takes that refusal for the end of the run that it is.
 *
 * @module
 */
export const uncopied = '%uncopied';
