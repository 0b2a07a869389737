/** What is said to everyone: notes at the foot of the page, and the one polite live region. */
export interface Notice {
  id: number
  text: string
  kind: 'plain' | 'bad'
  /** Pressed within its time, it takes back what was done. */
  undo?: () => void
  /** ms until it goes. */
  time: number
}

class Notices {
  shown = $state<Notice[]>([])
  said = $state('')
  #next = 1
  #timers = new Map<number, ReturnType<typeof setTimeout>>()

  /** Reads a sentence out, once, when nothing else is being read. */
  announce(text: string): void {
    this.said = text
  }

  show(text: string, kind: Notice['kind'] = 'plain', time = 6_000): number {
    return this.#add({ id: this.#next++, text, kind, time })
  }

  /**
   * Says that something will happen, with a way back; `act` runs when the time is over, or when the page goes.
   * `undone` runs instead where it was taken back.
   */
  withUndo(text: string, act: () => void, undone: () => void = () => {}, time = 6_000): void {
    let open = true
    const finish = (work: () => void): void => {
      if (!open) return
      open = false
      removeEventListener('pagehide', leave)
      this.close(id)
      work()
    }
    const leave = (): void => finish(act)
    const id = this.#add({ id: this.#next++, text, kind: 'plain', time, undo: () => finish(undone) }, () => finish(act))
    addEventListener('pagehide', leave)
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.shown = this.shown.filter((each) => each.id !== id)
  }

  #add(notice: Notice, over = (): void => this.close(notice.id)): number {
    this.shown = [...this.shown.slice(-3), notice]
    this.announce(notice.text)
    this.#timers.set(notice.id, setTimeout(over, notice.time))
    return notice.id
  }
}

export const notices = new Notices()
