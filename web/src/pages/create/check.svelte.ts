import { ApiFailure, ask, hooks } from '../../api/client'
import type { Check, VideoRequest } from '../../api/types'

const PAUSE = 300 // ms without a stroke
const SLOW = 2_000 // where few requests are left

/** The server's word on the request as it stands: price, time, problems, what was understood. */
export class Checker {
  last = $state.raw<Check | undefined>(undefined)
  /** The prompt that `last` is about: its places count there only. */
  prompt = $state('')
  failure = $state.raw<ApiFailure | undefined>(undefined)
  isAsking = $state(false)
  isSlow = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: AbortController | undefined
  #asked = ''

  /** Asks after a pause, or `now`; the same request is not asked for twice. */
  ask(request: VideoRequest, { now = false } = {}): void {
    clearTimeout(this.#timer)
    this.isSlow = hooks.remaining < 0.2
    this.#timer = setTimeout(() => void this.#run(request), this.isSlow ? SLOW : now ? 0 : PAUSE)
  }

  /** Once more, where the world may have changed and the request has not. */
  again(request: VideoRequest): void {
    this.#asked = ''
    this.ask(request)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#running?.abort()
  }

  async #run(request: VideoRequest): Promise<void> {
    const body = JSON.stringify(request)
    if (body === this.#asked) return
    this.#running?.abort()
    const running = new AbortController()
    this.#running = running
    this.#asked = body
    this.isAsking = true
    try {
      const check = await ask<Check>('/v1/videos/check', { method: 'POST', body: request, signal: running.signal })
      if (this.#running !== running) return
      this.last = check
      this.prompt = request.prompt
      this.failure = undefined
      // A long video is measured on: the answer to the same request has its length and what is wrong with it.
      if (!check.is_measured) this.again(request)
    } catch (problem) {
      if (this.#running !== running || !(problem instanceof ApiFailure)) return
      this.#asked = ''
      if (problem.code === 'superseded' || problem.status === 429) {
        this.#timer = setTimeout(() => void this.#run(request), (problem.retryAfter ?? 0.3) * 1000)
        this.isSlow = problem.status === 429
      } else this.failure = problem
    } finally {
      if (this.#running === running) this.isAsking = false
    }
  }
}
