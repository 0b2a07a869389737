import { now } from '../api/client'

/** The server's time, unix seconds, to the second: one timer for all that counts down. */
class Clock {
  now = $state(now())
  #users = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /** Keeps it going while something shows it; the answer ends that. */
  use(): () => void {
    this.now = now()
    if (this.#users++ === 0) this.#timer = setInterval(() => document.hidden || (this.now = now()), 500)
    return () => {
      if (--this.#users === 0) clearInterval(this.#timer)
    }
  }
}

export const clock = new Clock()
