import { ApiFailure, ask, hooks } from '../api/client'
import type { Session } from '../api/types'

type State = 'unknown' | 'out' | 'in' | 'ended'

/** Who is signed in. `ended`: was, and the page is still there behind the sign-in. */
class SessionState {
  state = $state<State>('unknown')
  current = $state.raw<Session | undefined>(undefined)
  /** What a link that was opened came to, where it did not work. */
  linkFailure = $state.raw<ApiFailure | undefined>(undefined)
  /** Since when the server does not answer, ms; null while it does. */
  silentSince = $state<number | null>(null)

  constructor() {
    hooks.ended = () => {
      if (this.state === 'in') this.state = 'ended'
    }
    hooks.answered = (is) => {
      if (is) this.silentSince = null
      else this.silentSince ??= Date.now()
    }
  }

  get isAdmin(): boolean {
    return !!this.current?.admin_until && this.current.admin_until * 1000 > Date.now() && this.current.features.admin
  }

  /** Takes a link from the address, before anything else can read it, or asks whether there is a session. */
  async begin(): Promise<void> {
    const link = /^#link=([\w-]+)$/.exec(location.hash)?.[1]
    if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
    if (link) {
      try {
        this.#enter(await ask<Session>('/studio/v1/session', { method: 'POST', body: { link } }))
        return
      } catch (problem) {
        if (!(problem instanceof ApiFailure)) throw problem
        this.linkFailure = problem
      }
    }
    await this.read()
  }

  async read(): Promise<void> {
    try {
      this.#enter(await ask<Session>('/studio/v1/session'))
    } catch (problem) {
      if (!(problem instanceof ApiFailure)) throw problem
      this.state = this.state === 'in' ? 'ended' : 'out'
    }
  }

  /** Raises: ApiFailure. */
  async signIn(key: string): Promise<void> {
    this.#enter(await ask<Session>('/studio/v1/session', { method: 'POST', body: { key } }))
  }

  async signOut(): Promise<void> {
    await ask('/studio/v1/session', { method: 'DELETE' })
    this.current = undefined
    this.state = 'out'
  }

  /** Raises: ApiFailure. */
  async raise(key: string): Promise<void> {
    this.#enter(await ask<Session>('/studio/v1/session/admin', { method: 'POST', body: { key } }))
  }

  async lower(): Promise<void> {
    this.#enter(await ask<Session>('/studio/v1/session/admin', { method: 'DELETE' }))
  }

  #enter(session: Session): void {
    hooks.csrf = session.csrf
    this.current = session
    this.linkFailure = undefined
    this.state = 'in'
  }
}

export const session = new SessionState()
