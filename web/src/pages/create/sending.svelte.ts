import { ApiFailure, ask } from '../../api/client'
import type { VideoRequest } from '../../api/types'
import { tasks } from '../../state/tasks.svelte'

/** One press of the button: so many requests, each with a key of its own, so that a lost answer is not charged twice. */
export interface Press {
  id: number
  request: VideoRequest
  all: number
  started: number
  /** Those that were refused for now; they go when their time has come, ms. */
  waitsUntil: number | null
  failure: ApiFailure | undefined
}

const SHOWN_WITHIN = 2_000 // ms, for the card of what was sent
const TRIES = 3
const LOST = [0, 500, 502, 503, 504]

interface Single {
  key: string
  body: VideoRequest
}

export class Sending {
  presses = $state.raw<Press[]>([])
  /** Those of which something is on its way: they are shown as cards before the server has answered. */
  underway = $derived(this.presses.filter((each) => !each.failure && !each.waitsUntil))
  isSending = $state(false)
  #next = 1
  #left = new Map<number, Single[]>()

  /** Sends `takes` requests; the first keeps the seed that was asked for, the others get the ones behind it. */
  async press(request: VideoRequest, takes: number): Promise<void> {
    if (this.isSending) return
    const id = this.#next++
    const singles = Array.from({ length: takes }, (_, index) => ({ key: newKey(), body: withSeed(request, index) }))
    this.#left.set(id, singles)
    this.#put({ id, request, all: takes, started: 0, waitsUntil: null, failure: undefined })
    this.isSending = true
    try {
      await this.#go(id)
    } finally {
      this.isSending = false
    }
  }

  /** Goes on with what of a press was not started. */
  async again(id: number): Promise<void> {
    this.#change(id, { failure: undefined, waitsUntil: null })
    await this.#go(id)
  }

  drop(id: number): void {
    this.#left.delete(id)
    this.presses = this.presses.filter((each) => each.id !== id)
  }

  async #go(id: number): Promise<void> {
    const left = this.#left.get(id)
    while (left?.length && this.#left.has(id)) {
      const single = left[0] as Single
      try {
        const { id: task } = await tried(single)
        left.shift()
        this.#change(id, { started: (this.presses.find((each) => each.id === id)?.started ?? 0) + 1 })
        // The event may be later than the answer: the card is there at once.
        const shown = tasks.one(task).then(() => tasks.queueChanged()).catch(() => {})
        // Until then the press stands in its place; whether it can be shown is no matter of what was sent.
        if (!left.length) await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, SHOWN_WITHIN))])
      } catch (problem) {
        if (!(problem instanceof ApiFailure)) throw problem
        if (problem.status === 429) {
          const wait = (problem.retryAfter ?? 5) * 1000
          this.#change(id, { waitsUntil: Date.now() + wait })
          setTimeout(() => void this.again(id), wait)
        } else this.#change(id, { failure: problem })
        return
      }
    }
    this.drop(id)
  }

  #put(press: Press): void {
    this.presses = [press, ...this.presses]
  }

  #change(id: number, what: Partial<Press>): void {
    this.presses = this.presses.map((each) => (each.id === id ? { ...each, ...what } : each))
  }
}

/** Asks three times where the answer was lost: with the same key it is one task. */
async function tried({ key, body }: Single): Promise<{ id: string }> {
  for (let again = 0; ; again++) {
    try {
      return await ask<{ id: string }>('/v1/videos/generations', { method: 'POST', body, headers: { 'Idempotency-Key': key } })
    } catch (problem) {
      if (!(problem instanceof ApiFailure) || !LOST.includes(problem.status) || again >= TRIES) throw problem
      await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** again))
    }
  }
}

function withSeed(request: VideoRequest, index: number): VideoRequest {
  const seed = request.model_params?.seed
  if (index === 0 || seed === undefined) return request
  return { ...request, model_params: { ...request.model_params, seed: (seed + index) % 2 ** 32 } }
}

function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
