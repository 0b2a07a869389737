/** Searches that were given a name. Each is an address, so nothing is lost with them. */
export interface View {
  name: string
  query: string
}

class Views {
  all = $state<View[]>(stored())

  add(name: string, query: string): void {
    this.#keep([...this.all.filter((view) => view.name !== name), { name, query }])
  }

  remove(name: string): void {
    this.#keep(this.all.filter((view) => view.name !== name))
  }

  #keep(all: View[]): void {
    this.all = all
    try {
      localStorage.setItem('views', JSON.stringify(all))
    } catch {
      // Then they are there until the tab is closed.
    }
  }
}

function stored(): View[] {
  try {
    return JSON.parse(localStorage.getItem('views') ?? '[]') as View[]
  } catch {
    return []
  }
}

export const views = new Views()
