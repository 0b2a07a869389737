import { tick } from 'svelte'
import { SvelteURLSearchParams } from 'svelte/reactivity'

/** Where the page is: everything that can be linked stands in the address. */
class Router {
  path = $state(location.pathname)
  query = $state.raw(new URLSearchParams(location.search))
  #positions = new Map<string, number>()
  #asked: (() => boolean) | undefined

  constructor() {
    history.scrollRestoration = 'manual'
    addEventListener('popstate', () => {
      this.#remember()
      this.#read()
      void this.#restore()
    })
    document.addEventListener('click', (event) => this.#follow(event))
  }

  /** Goes to an address of this page; `replace` leaves no trace of the one before. */
  go(address: string, { replace = false } = {}): void {
    if (this.#asked && !this.#asked()) return
    const before = this.path
    this.#remember()
    if (replace) history.replaceState(history.state, '', address)
    else history.pushState({ at: ++positions }, '', address)
    this.#read()
    if (before !== this.path) scrollTo(0, 0)
  }

  /** Changes parts of the query; an empty value takes its name away. */
  ask(changes: Record<string, string | null | undefined>, { replace = true } = {}): void {
    const query = new SvelteURLSearchParams(this.query)
    for (const [name, value] of Object.entries(changes)) {
      if (value) query.set(name, value)
      else query.delete(name)
    }
    const text = query.toString()
    this.go(text ? `${this.path}?${text}` : this.path, { replace })
  }

  #read(): void {
    this.path = location.pathname
    this.query = new URLSearchParams(location.search)
  }

  #remember(): void {
    this.#positions.set(this.path, scrollY)
  }

  async #restore(): Promise<void> {
    await tick()
    scrollTo(0, this.#positions.get(this.path) ?? 0)
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return
    const link = event.composedPath().find((each): each is HTMLAnchorElement => each instanceof HTMLAnchorElement)
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    if (!isPage(link.pathname)) return
    event.preventDefault()
    this.go(link.pathname + link.search)
  }
}

let positions = 0

/** Whether a path is a page of the Studio, and not one of the server's own. */
export function isPage(path: string): boolean {
  return /^\/($|create$|queue$|library(\/|$)|files$|usage$|keys$|callbacks$|settings$|admin(\/(?!v1\b)|$))/.test(path)
}

export const router = new Router()
export const go = router.go.bind(router)
