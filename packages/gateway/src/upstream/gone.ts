/**
 * Not an error of anybody's: the client hung up, so there is nobody left to answer.
 *
 * @module
 */

export class Gone extends Error {
  constructor() {
    super('The client has gone.');
    this.name = 'Gone';
  }
}
