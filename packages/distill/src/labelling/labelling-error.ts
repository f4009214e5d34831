import { KolbenError } from '@kolben/engine';

export type LabellingErrorCode =
  | 'labelling_refused'
  | 'labelling_failures'
  | 'labelling_work_file'
  | 'labelling_not_the_teacher';

/** Why the teacher could not be put to work, or was stopped. */
export class LabellingError extends KolbenError {
  declare readonly code: LabellingErrorCode;

  constructor(code: LabellingErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
