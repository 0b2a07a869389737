/** Which clip of a grid plays: one at a time. */
class Playing {
  id = $state<string | null>(null)

  begin(id: string): void {
    this.id = id
  }

  end(id: string): void {
    if (this.id === id) this.id = null
  }
}

export const playing = new Playing()
