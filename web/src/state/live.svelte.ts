import { ask } from '../api/client'
import type { Card } from '../api/types'
import { session } from './session.svelte'
import { EventStream, type EventName } from './stream'
import { isLive, tasks } from './tasks.svelte'

/** What the account's events say beside its tasks. */
class Live {
  connected = $state(true)
  /** The last version that the server told; another than the session's: it was updated. */
  version = $state('')
  balance = $state<number | undefined>(undefined)
  available = $state<number | undefined>(undefined)
  reserved = $state(0)
  /** Goes up when the account's files changed. */
  files = $state(0)
  /** Goes up when everything is to be read again. */
  resets = $state(0)
  #stream: EventStream | undefined

  /** Begins with the session's account; whatever ran before has ended. */
  start(account: string): void {
    this.stop()
    this.version = session.current?.version ?? ''
    this.balance = session.current?.account.balance
    this.#stream = new EventStream((name, content) => this.#hear(name, content), (open) => (this.connected = open), account)
    this.#stream.start()
    tasks.readQueue().catch(() => {})
    this.readCredits().catch(() => {})
  }

  stop(): void {
    this.#stream?.stop()
    this.#stream = undefined
    this.connected = true
  }

  get isUpdated(): boolean {
    return !!this.version && !!session.current && this.version !== session.current.version
  }

  async readCredits(): Promise<void> {
    const credits = await ask<{ balance?: number; available?: number; reserved?: number }>('/v1/account')
    this.balance = credits.balance
    this.reserved = credits.reserved ?? 0
    this.available = credits.available ?? (credits.balance === undefined ? undefined : credits.balance - this.reserved)
  }

  #hear(name: EventName, content: unknown): void {
    if (name === 'task') {
      const card = content as Card
      const before = tasks.get(card.id)
      tasks.put(card)
      if (!before || before.status !== card.status) tasks.queueChanged()
      if (before && isLive(before) && card.status === 'completed') tasks.unseen++
    } else if (name === 'hello') this.version = (content as { version: string }).version
    else if (name === 'credits') {
      const credits = content as { balance: number; available: number; reserved: number }
      this.balance = credits.balance
      this.available = credits.available
      this.reserved = credits.reserved
    } else if (name === 'queue') {
      const { waiting, making } = content as { waiting: number; making: number }
      tasks.waiting = waiting
      tasks.making = making
      tasks.queueChanged()
    } else if (name === 'files') this.files++
    else this.#reset()
  }

  #reset(): void {
    this.resets++
    tasks.readQueue().catch(() => {})
    this.readCredits().catch(() => {})
    tasks.list({ limit: 50 }).catch(() => {})
  }
}

export const live = new Live()
