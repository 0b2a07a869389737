import type { Card, Queue } from '../api/types'

const SMOOTH = 3 // s over which the estimate is smoothed

/**
 * How long a task still takes, s, as far as one can say; null where nobody can.
 *
 * While it waits: the server's `ready_in`, which has the queue before it. While it is made: the larger of what is left of
 * the time that such a clip takes and, from 5 % on, of what its own progress says.
 */
export function rawTimeLeft(card: Card, now: number, queue?: Queue['own'][number]): number | null {
  if (card.status === 'pending') return queue ? queue.ready_in : null
  if (card.status !== 'processing') return null
  const elapsed = now - (card.started ?? card.created)
  const estimate = queue ? wholeTime(queue) - elapsed : card.created + card.estimated_time - now
  const share = card.progress / 100
  const own = share >= 0.05 ? (elapsed * (1 - share)) / share : 0
  return Math.max(0, estimate, own)
}

/** How long such a clip takes, s: what the queue said was left of it, without what was done by then. */
function wholeTime({ task, ready_in }: Queue['own'][number]): number {
  return task.progress < 100 ? ready_in / (1 - task.progress / 100) : ready_in
}

/** In steps: 10 s under a minute, a minute above. */
export function inSteps(seconds: number): number {
  if (seconds <= 60) return Math.max(10, Math.ceil(seconds / 10) * 10)
  return Math.ceil(seconds / 60) * 60
}

function nextStep(shown: number): number {
  return shown < 60 ? shown + 10 : shown + 60
}

/** What is shown of one task's time left, s, and what it stands for. */
export interface TimeLeft {
  shown: number
  exact: number
}

/** What is shown of one task's time left: smooth, in steps, and never raised by more than a step at once. */
export class Countdown {
  #smooth: number | undefined
  #at = 0
  #shown: number | undefined
  #raised = 0

  /** Args: raw seconds left, and the time, both s. */
  tell(raw: number, now: number): TimeLeft {
    if (this.#smooth === undefined) this.#smooth = raw
    else {
      const passed = Math.max(0, now - this.#at)
      const weight = 1 - Math.exp(-passed / SMOOTH)
      this.#smooth = Math.max(0, this.#smooth - passed) * (1 - weight) + raw * weight
    }
    this.#at = now
    const stepped = inSteps(this.#smooth)
    if (this.#shown !== undefined && stepped > this.#shown) {
      // One step, and the next not before it could be read.
      if (now - this.#raised >= SMOOTH) {
        this.#raised = now
        this.#shown = nextStep(this.#shown)
      }
    } else this.#shown = stepped
    return { shown: this.#shown, exact: this.#smooth }
  }
}

const countdowns = new Map<string, Countdown>()

/** Time left of a task; null where nobody can say. */
export function timeLeft(card: Card, now: number, queue?: Queue['own'][number]): TimeLeft | null {
  const raw = rawTimeLeft(card, now, queue)
  if (raw === null) return null
  let countdown = countdowns.get(`${card.id}-${card.status}`)
  if (!countdown) countdowns.set(`${card.id}-${card.status}`, (countdown = new Countdown()))
  return countdown.tell(raw, now)
}
