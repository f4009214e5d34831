/**
 * What can go wrong with a store, each with a stable code: who runs Kolben can mend every one of these.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';

/** The folder or its files can't be written: rights, a read-only file system, a full disk. */
export class StoreUnwritableError extends KolbenError {
  static readonly code = 'store_unwritable';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreUnwritableError.code, message, options);
  }
}

/** The encryption key is missing, malformed, readable by others, or not the one the store was written with. */
export class StoreKeyError extends KolbenError {
  static readonly code = 'store_key';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreKeyError.code, message, options);
  }
}

/** The database was made by a newer Kolben than this one. */
export class StoreNewerError extends KolbenError {
  static readonly code = 'store_newer';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreNewerError.code, message, options);
  }
}

/** The file is no database, somebody else's database, or damaged. */
export class StoreCorruptError extends KolbenError {
  static readonly code = 'store_corrupt';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreCorruptError.code, message, options);
  }
}

/** Another process kept the database for itself longer than one can wait. */
export class StoreLockedError extends KolbenError {
  static readonly code = 'store_locked';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreLockedError.code, message, options);
  }
}

/** Another gateway works in this folder; two would take each other for dead. */
export class StoreInUseError extends KolbenError {
  static readonly code = 'store_in_use';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreInUseError.code, message, options);
  }
}

/** The database server doesn't answer: it is down, starting, out of places, or the way to it is cut. */
export class StoreUnreachableError extends KolbenError {
  static readonly code = 'store_unreachable';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreUnreachableError.code, message, options);
  }
}

/** The database server answers, and doesn't let us in as we come: user, password, database, rights, TLS, its age. */
export class StoreRefusedError extends KolbenError {
  static readonly code = 'store_refused';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreRefusedError.code, message, options);
  }
}

/** The database server took longer for a query than it may. */
export class StoreTimeoutError extends KolbenError {
  static readonly code = 'store_timeout';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreTimeoutError.code, message, options);
  }
}

/** A store is to be copied or restored to a place that has one already. */
export class StoreNotEmptyError extends KolbenError {
  static readonly code = 'store_not_empty';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreNotEmptyError.code, message, options);
  }
}

/** A store was written to while it was copied, so the copy would lack something. */
export class StoreChangedError extends KolbenError {
  static readonly code = 'store_changed';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreChangedError.code, message, options);
  }
}

/** A backup can't be written or read as one. */
export class StoreBackupError extends KolbenError {
  static readonly code = 'store_backup';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreBackupError.code, message, options);
  }
}

/** More calls are waiting to be written than memory should hold; this one was not recorded. */
export class StoreOverloadedError extends KolbenError {
  static readonly code = 'store_overloaded';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreOverloadedError.code, message, options);
  }
}

/** The store was used after it was closed. */
export class StoreClosedError extends KolbenError {
  static readonly code = 'store_closed';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreClosedError.code, message, options);
  }
}

/** A call of this id is recorded already; the first one stays as it is. */
export class CallExistsError extends KolbenError {
  static readonly code = 'call_exists';

  constructor(message: string, options?: ErrorOptions) {
    super(CallExistsError.code, message, options);
  }
}

/** A value that can't be stored: no JSON, a negative amount of money, an unknown route. */
export class StoreValueError extends KolbenError {
  static readonly code = 'store_value';

  constructor(message: string, options?: ErrorOptions) {
    super(StoreValueError.code, message, options);
  }
}
