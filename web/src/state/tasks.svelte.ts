import { SvelteMap } from 'svelte/reactivity'
import { ask } from '../api/client'
import type { Card, Page, Queue } from '../api/types'

/** The tasks of the account by id: filled by lists, kept by the event stream; pages derive what they show. */
class Tasks {
  byId = new SvelteMap<string, Card>()
  /** The last answer of `GET /v1/queue`. */
  queue = $state.raw<Queue | undefined>(undefined)
  waiting = $state(0)
  making = $state(0)
  /** Ended here and not looked at yet. */
  unseen = $state(0)
  #listeners = new Set<(card: Card, before: Card | undefined) => void>()
  #asked: ReturnType<typeof setTimeout> | undefined

  get(id: string): Card | undefined {
    return this.byId.get(id)
  }

  /** Newest first. */
  all = $derived.by(() => [...this.byId.values()].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1)))
  live = $derived(this.all.filter((card) => isLive(card)))

  /** Puts a card in, unless a newer one is there; tells who listens. */
  put(card: Card): void {
    const before = this.byId.get(card.id)
    if (before && before.updated > card.updated) return
    if (before && isLive(before) && isLive(card) && card.progress < before.progress) card = { ...card, progress: before.progress }
    this.byId.set(card.id, card)
    for (const listener of this.#listeners) listener(card, before)
  }

  /** What is to be known of every change; the answer ends it. */
  onChange(listener: (card: Card, before: Card | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A page of `GET /v1/tasks`, put in. */
  async list(query: Record<string, string | number | boolean | null | undefined>, signal?: AbortSignal): Promise<Page<Card>> {
    const page = await ask<Page<Card>>('/v1/tasks', { query: { include: 'card', ...query }, signal })
    for (const card of page.data) this.put(card)
    return page
  }

  async one(id: string): Promise<Card> {
    const { card } = await ask<{ card: Card }>(`/v1/tasks/${id}`, { query: { include: 'request' } })
    this.put(card)
    return card
  }

  async readQueue(): Promise<void> {
    const queue = await ask<Queue>('/v1/queue')
    this.takeQueue(queue)
  }

  takeQueue(queue: Queue): void {
    for (const { task } of queue.own) this.put(task)
    this.queue = queue
    this.waiting = queue.waiting
    this.making = queue.making
  }

  /** Reads the queue soon: many changes at once are one question. */
  queueChanged(): void {
    this.#asked ??= setTimeout(() => {
      this.#asked = undefined
      this.readQueue().catch(() => {})
    }, 150)
  }

  forget(): void {
    this.byId.clear()
    this.queue = undefined
    this.waiting = this.making = this.unseen = 0
    clearTimeout(this.#asked)
    this.#asked = undefined
  }
}

export function isLive(card: Card): boolean {
  return card.status === 'pending' || card.status === 'processing'
}

export const tasks = new Tasks()
