import { ApiFailure } from '../api/client'

/** An answer of the server as a page shows it: what came last stays until the next is there. */
export class Reading<T> {
  value = $state.raw<T | undefined>(undefined)
  problem = $state.raw<ApiFailure | undefined>(undefined)
  busy = $state(false)
  #ask: (signal: AbortSignal) => Promise<T>
  #under: AbortController | undefined
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask
  }

  /** Asks anew; a question that is still open is given up. Where the server says when to ask again, that is done. */
  async read(): Promise<void> {
    clearTimeout(this.#again)
    this.#under?.abort()
    const under = (this.#under = new AbortController())
    this.busy = true
    try {
      const value = await this.#ask(under.signal)
      if (under.signal.aborted) return
      this.value = value
      this.problem = undefined
    } catch (problem) {
      if (under.signal.aborted) return
      if (!(problem instanceof ApiFailure)) throw problem
      this.problem = problem
      if (problem.status === 429 && problem.retryAfter) this.#again = setTimeout(() => void this.read(), problem.retryAfter * 1000)
    } finally {
      if (this.#under === under) this.busy = false
    }
  }

  /** Ends what is open; for when the page goes. */
  stop(): void {
    clearTimeout(this.#again)
    this.#under?.abort()
  }
}

/** A reading that begins with the page and ends with it, and is done again when what `ask` looks at changes. */
export function reading<T>(ask: (signal: AbortSignal) => Promise<T>): Reading<T> {
  const made = new Reading(ask)
  $effect(() => {
    void made.read()
    return () => made.stop()
  })
  return made
}
