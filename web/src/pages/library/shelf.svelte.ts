import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { leaving } from '../../actions/perform'
import { ApiFailure } from '../../api/client'
import type { Counts } from '../../api/library'
import type { Card } from '../../api/types'
import { isLive, tasks } from '../../state/tasks.svelte'
import { addressOfFind, countsOf, daysOf, monthOf, nameOfFind, queryOf, type Find } from './find'

const PAGE = 60

/** A month of a shelf: how many tasks it has is known before they are. */
export class Month {
  count = $state(0)
  ids = $state.raw<string[]>([])
  #cursor: string | null = null
  #loading: Promise<void> | undefined
  #done = false

  constructor(
    readonly key: string,
    count: number,
    private readonly find: Find,
    private readonly oldest: boolean,
    private readonly takes: SvelteMap<string, number>,
  ) {
    this.count = count
  }

  /** What is shown: without what was hidden or deleted meanwhile. */
  shown = $derived(this.ids.filter((id) => !leaving.has(id) && String(tasks.get(id)?.hidden ?? false) === (this.find.hidden ?? 'false')))
  length = $derived(this.#done ? this.shown.length : Math.max(this.count - (this.ids.length - this.shown.length), this.shown.length))

  get isRead(): boolean {
    return this.#done
  }

  cardAt(index: number): Card | undefined {
    const id = this.shown[index]
    return id === undefined ? undefined : tasks.get(id)
  }

  /** Has everything up to the task at `index`. Raises: ApiFailure. */
  async upTo(index: number): Promise<void> {
    while (index >= this.shown.length && !this.#done) {
      this.#loading ??= this.#next().finally(() => (this.#loading = undefined))
      await this.#loading
    }
  }

  async #next(): Promise<void> {
    const { from, to } = daysOf(this.key, this.find)
    const sort = this.oldest ? 'created' : '-created'
    const page = await tasks.list({ ...queryOf(this.find), from, to, sort, limit: PAGE, cursor: this.#cursor })
    this.ids = [...this.ids, ...page.data.map((card) => card.id).filter((id) => !this.ids.includes(id))]
    for (const [group, count] of Object.entries(page.takes ?? {})) this.takes.set(group, count)
    this.#cursor = page.next_cursor
    this.#done = !page.has_more
    if (this.#done) this.count = this.ids.length
    else this.count = Math.max(this.count, this.ids.length + 1)
  }

  /** A task that was made just now. */
  begin(id: string): void {
    if (this.ids.includes(id)) return
    this.ids = [id, ...this.ids]
    this.count++
  }

  /** Takes out what lies under a newer take of the same request. */
  remove(ids: Set<string>): void {
    const left = this.ids.filter((id) => !ids.has(id))
    this.count -= this.ids.length - left.length
    this.ids = left
  }
}

/** What was found: months with their tasks, read as they come into sight. */
export class Shelf {
  months = $state.raw<Month[]>([])
  counts = $state.raw<Counts | undefined>(undefined)
  problem = $state.raw<ApiFailure | undefined>(undefined)
  selected = new SvelteSet<string>()
  /** How many takes lie in each stack, by their group. */
  takes = new SvelteMap<string, number>()
  /** Tasks that came meanwhile and are not shown yet. */
  fresh = $state(0)
  /** The task that has the focus of the grid. */
  here = $state<string | undefined>(undefined)
  /** Where it was left for a task of it: there it goes on. */
  left: number | undefined
  #fresh: string[] = []

  constructor(
    readonly find: Find,
    readonly oldest: boolean,
  ) {}

  get name(): string {
    return nameOfFind(this.find, this.oldest)
  }

  get total(): number {
    return this.months.reduce((sum, month) => sum + month.length, 0)
  }

  get isFiltered(): boolean {
    return Object.keys(this.find).some((name) => name !== 'hidden')
  }

  /** Asks how many there are, and for the first of them; what was there is there until then. */
  async read(signal?: AbortSignal): Promise<void> {
    try {
      const counts = await countsOf(this.find, signal)
      const keys = Object.keys(counts.by.month ?? {}).sort()
      const months = (this.oldest ? keys : keys.reverse()).map((key) => new Month(key, counts.by.month?.[key] ?? 0, this.find, this.oldest, this.takes))
      this.takes.clear()
      await months[0]?.upTo(0)
      if (signal?.aborted) return
      this.counts = counts
      this.months = months
      this.problem = undefined
      this.#fresh = []
      this.fresh = 0
    } catch (problem) {
      if (signal?.aborted) return
      if (!(problem instanceof ApiFailure)) throw problem
      this.problem = problem
    }
  }

  /** A task that changed: one that is new stands first, or waits until it is looked for, so that nothing moves. */
  hear(card: Card, before: Card | undefined, atTop: boolean): void {
    if (before) this.#stack(card, before)
    if (before || card.hidden || this.oldest || !this.counts) return
    if (this.months.some((month) => month.ids.includes(card.id)) || card.created < this.#newest()) return
    if (atTop && !this.isFiltered && !this.find.hidden) {
      this.#begin(card)
      this.#stack(card, before)
    } else if (!this.#fresh.includes(card.id)) {
      this.#fresh.push(card.id)
      this.fresh = this.#fresh.length
    }
  }

  /** Takes of one request lie under the newest of them, whichever is done first; where that one is hidden the next shows. */
  #stack(card: Card, before: Card | undefined): void {
    const { take_group: group } = card
    if (!group || !('stacked' in queryOf(this.find))) return
    if (before && before.hidden !== card.hidden && this.takes.has(group)) void this.read()
    else if ((!before || isLive(before)) && card.status === 'completed' && this.months.some((month) => month.ids.includes(card.id))) {
      const takes = this.cards.filter((each) => each.take_group === group && each.has_result)
      const under = new Set((this.oldest ? takes.slice(0, -1) : takes.slice(1)).map((take) => take.id))
      for (const month of this.months) month.remove(under)
      if (under.size) this.takes.set(group, (this.takes.get(group) ?? 1) + under.size)
      else if (!this.months.every((month) => month.isRead)) void this.#lookFurther(group)
    }
  }

  /** An older take may be in a month that was not read yet. */
  async #lookFurther(group: string): Promise<void> {
    try {
      const { data } = await tasks.list({ take: group, result: true, limit: 2 })
      if (data.length > 1) await this.read()
    } catch (problem) {
      if (!(problem instanceof ApiFailure)) throw problem
    }
  }

  #begin(card: Card): void {
    const key = monthOf(card.created)
    if (this.months[0]?.key !== key) this.months = [new Month(key, 0, this.find, this.oldest, this.takes), ...this.months]
    this.months[0]?.begin(card.id)
  }

  #newest(): number {
    return this.months[0]?.cardAt(0)?.created ?? 0
  }

  /** Every task that is there, in order. */
  get cards(): Card[] {
    return this.months.flatMap((month) => month.shown.map((id) => tasks.get(id)).filter((card) => card !== undefined))
  }
}

let kept: Shelf | undefined

/** The shelf for what is looked for: the last one where it is the same, so that nothing is read twice. */
export function shelfFor(find: Find, oldest: boolean): Shelf {
  if (kept?.name !== nameOfFind(find, oldest)) kept = new Shelf(find, oldest)
  return kept
}

/** The tasks beside one in what was found, for the viewer. */
export function neighbours(id: string): { before?: Card; after?: Card } {
  const cards = kept?.cards ?? []
  const index = cards.findIndex((card) => card.id === id)
  if (index < 0) return {}
  if (kept && index > cards.length - 10) {
    const open = kept.months.find((month) => month.shown.length < month.length)
    void open?.upTo(open.shown.length).catch(() => {})
  }
  return { before: cards[index - 1], after: cards[index + 1] }
}

/** Where the viewer leads back to. */
export function lastSearch(): string {
  return kept ? addressOfFind(kept.find, kept.oldest) : '/library'
}

export function forgetShelf(): void {
  kept = undefined
}

/** What the viewer has opened is where the grid goes on. */
export function lookedAt(id: string): void {
  if (kept) kept.here = id
}
