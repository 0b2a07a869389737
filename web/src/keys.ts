import { go } from './router.svelte'
import { preferences } from './state/preferences.svelte'
import type { Key } from './words'

/** A key of a page: `name` as in `KeyboardEvent.key`, with `Ctrl+`, `Alt+`, `Shift+` before it; `g c` is two in turn. */
export interface Shortcut {
  name: string
  title: Key
  act: () => void
}

/**
 * The keys that hold now. Single letters count only where no field has the focus, and can be switched off.
 */
class Keys {
  #groups: Shortcut[][] = []
  #first = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Adds a page's keys; the answer takes them away. */
  use(shortcuts: Shortcut[]): () => void {
    this.#groups.push(shortcuts)
    return () => void (this.#groups = this.#groups.filter((each) => each !== shortcuts))
  }

  get all(): Shortcut[] {
    return [...this.#groups].reverse().flat()
  }

  press(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented || event.key === 'Shift') return
    const name = nameOf(event)
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (isPlain && (isField(event.target) || !preferences.current.shortcuts || document.querySelector('dialog[open]'))) return
    const sequence = this.#first ? `${this.#first} ${name}` : ''
    const found = this.all.find((each) => each.name === sequence) ?? this.all.find((each) => each.name === name)
    clearTimeout(this.#timer)
    this.#first = ''
    if (found) {
      event.preventDefault()
      found.act()
    } else if (isPlain && this.all.some((each) => each.name.startsWith(`${name} `))) {
      this.#first = name
      this.#timer = setTimeout(() => (this.#first = ''), 1_000)
    }
  }
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const shift = event.shiftKey && event.key.length > 1 ? 'Shift+' : ''
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift}${key}`
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export const keys = new Keys()
keys.use([
  { name: 'g c', title: 'shell.create', act: () => go('/create') },
  { name: 'g q', title: 'shell.queue', act: () => go('/queue') },
  { name: 'g l', title: 'shell.library', act: () => go('/library') },
  { name: 'g f', title: 'shell.files', act: () => go('/files') },
  { name: 'g u', title: 'shell.usage', act: () => go('/usage') },
])
