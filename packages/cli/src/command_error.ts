/** Something that the user can be told in a sentence: printed without a stack, and the command ends with 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
