import { Reading } from './reading.svelte'

export interface CursorPage<R> {
  data: R[]
  has_more?: boolean
  next_cursor?: string | null
  total?: number
}

/** A list that is read a page at a time; what was read stays. */
export class Paged<R> extends Reading<CursorPage<R>> {
  rows = $state.raw<R[]>([])
  total = $state<number | undefined>(undefined)
  #ask: (cursor: string | null, signal?: AbortSignal) => Promise<CursorPage<R>>
  #cursor = $state<string | null>(null)

  constructor(ask: (cursor: string | null, signal?: AbortSignal) => Promise<CursorPage<R>>) {
    super(async (signal) => {
      const page = await ask(null, signal)
      this.rows = page.data
      this.#take(page)
      return page
    })
    this.#ask = ask
  }

  /** Asks for the next page; undefined where this is the last. */
  get more(): (() => void) | undefined {
    return this.#cursor === null ? undefined : () => void this.#next()
  }

  async #next(): Promise<void> {
    const page = await this.#ask(this.#cursor)
    this.rows = [...this.rows, ...page.data]
    this.#take(page)
  }

  #take(page: CursorPage<R>): void {
    this.#cursor = page.next_cursor ?? null
    this.total = page.total ?? this.total
  }
}

/** A paged list that begins with the page, and is read anew when what `ask` looks at changes. */
export function paged<R>(ask: (cursor: string | null, signal?: AbortSignal) => Promise<CursorPage<R>>): Paged<R> {
  const made = new Paged(ask)
  $effect(() => {
    void made.read()
    return () => made.stop()
  })
  return made
}
