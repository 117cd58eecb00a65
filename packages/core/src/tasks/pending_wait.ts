import { scopes } from '../context/scope.js'

/** A wait that begins when it is awaited, and costs nothing as long as nobody does. It can be awaited any number of times. */
export class PendingWait implements PromiseLike<void> {
  readonly #wait: () => Promise<void>

  constructor(wait: () => Promise<void>) {
    this.#wait = wait
  }

  /** A getter, as a future's is: the language reads it in the code that awaits, whose task has to be the one that waits. */
  get then(): PromiseLike<void>['then'] {
    const scope = scopes.getStore()
    return (onFulfilled, onRejected) =>
      (scope === undefined ? this.#wait() : scopes.run(scope, this.#wait)).then(onFulfilled, onRejected)
  }
}
