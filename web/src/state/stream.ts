/**
 * One event stream for all tabs: one of them leads and holds the connection, the others hear what it hears.
 *
 * The leader holds a Web Lock. Where there are none (plain http), it says now and then that it is there, and when it goes.
 * Nobody leads instead of it before it was asked: the timers of a tab that is out of sight hardly run, but it answers.
 */
const CHANNEL = 'opendance-events'
const EVENTS = ['hello', 'task', 'files', 'credits', 'queue', 'reset'] as const
const SIGN = 500 // ms between two signs of a leader, and between two looks at whether there were any
const SILENT = 900 // ms without one after which it is asked for
const ANSWER = 250 // ms in which a leader that is there answers

export type EventName = (typeof EVENTS)[number]
export type Heard = (name: EventName, content: unknown) => void
type Message =
  | { what: 'event'; name: EventName; content: unknown; id: string }
  | { what: 'sign'; tab: string; id: string }
  | { what: 'question'; tab: string }
  | { what: 'goodbye'; id: string }
  | { what: 'state'; open: boolean }

export class EventStream {
  #channel: BroadcastChannel | undefined
  #source: EventSource | undefined
  #release: (() => void) | undefined
  #stopped = new AbortController()
  #timers = new Set<ReturnType<typeof setInterval>>()
  #tab = `${Math.random()}`.slice(2)
  #lastSign = 0
  #lastId = ''
  #again = 0
  #asking: ReturnType<typeof setTimeout> | undefined

  /**
   * Args:
   *   hear: gets every event, in every tab.
   *   state: whether the connection stands, as far as this tab knows.
   *   group: tabs of the same account lead together.
   */
  constructor(
    private readonly hear: Heard,
    private readonly state: (open: boolean) => void,
    private readonly group: string,
  ) {}

  start(): void {
    this.#channel = new BroadcastChannel(`${CHANNEL}-${this.group}`)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#receive(data)
    if (navigator.locks) this.#leadByLock()
    else this.#leadBySigns()
  }

  stop(): void {
    if (!navigator.locks) this.#goodbye()
    this.#stopped.abort()
    clearTimeout(this.#asking)
    this.#release?.()
    this.#source?.close()
    this.#source = undefined
    this.#channel?.close()
    for (const timer of this.#timers) clearInterval(timer)
  }

  #leadByLock(): void {
    const { signal } = this.#stopped
    this.#tell({ what: 'question', tab: this.#tab }) // where the events stand: who leads next goes on from there
    navigator.locks
      .request(`${CHANNEL}-${this.group}`, { signal }, async () => {
        if (signal.aborted) return
        this.#connect()
        await new Promise<void>((resolve) => (this.#release = resolve))
      })
      .catch(() => {})
  }

  #leadBySigns(): void {
    this.#every(SIGN, () => {
      if (this.#source) this.#sign()
      else if (Date.now() - this.#lastSign > SILENT) this.#askWhoLeads()
    })
    addEventListener('pagehide', () => this.#goodbye(), { signal: this.#stopped.signal })
    this.#askWhoLeads()
  }

  /** Leads, unless somebody answers that they do; of several that ask at once the one with the least number does. */
  #askWhoLeads(): void {
    if (this.#asking) return
    const asked = Date.now()
    this.#tell({ what: 'question', tab: this.#tab })
    this.#asking = setTimeout(() => {
      this.#asking = undefined
      if (this.#source || this.#lastSign >= asked) return
      this.#connect()
      this.#sign()
    }, ANSWER)
  }

  #sign(): void {
    this.#tell({ what: 'sign', tab: this.#tab, id: this.#lastId })
  }

  #goodbye(): void {
    if (!this.#source) return
    this.#source.close()
    this.#source = undefined
    this.#tell({ what: 'goodbye', id: this.#lastId })
  }

  #receive(message: Message): void {
    if (message.what === 'event') {
      this.#lastId = message.id || this.#lastId
      this.#lastSign = Date.now()
      this.hear(message.name, message.content)
    } else if (message.what === 'state') this.state(message.open)
    else if (message.what === 'question') {
      if (this.#source) this.#sign()
      else if (message.tab < this.#tab) {
        clearTimeout(this.#asking)
        this.#asking = undefined
      }
    } else if (message.what === 'goodbye') {
      this.#lastId = message.id || this.#lastId
      this.#askWhoLeads()
    } else {
      this.#lastSign = Date.now()
      this.#lastId = message.id || this.#lastId
      // Two lead: the one with the lesser number stays. A lock is only one tab's: then the sign is of one that leads no more.
      if (!navigator.locks && this.#source && message.tab < this.#tab) {
        this.#source.close()
        this.#source = undefined
      }
    }
  }

  #connect(): void {
    if (this.#stopped.signal.aborted) return
    const address = new URL('/v1/events', location.origin)
    if (this.#lastId) address.searchParams.set('last_event_id', this.#lastId)
    const source = new EventSource(address)
    this.#source = source
    source.onopen = () => {
      this.#again = 0
      this.#tellState(true)
    }
    source.onerror = () => {
      this.#tellState(false)
      // The browser asks again by itself, unless the answer was no stream.
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return
      const wait = Math.min(30_000, 1_000 * 2 ** this.#again++)
      const timer = setTimeout(() => this.#source === source && this.#connect(), wait)
      this.#stopped.signal.addEventListener('abort', () => clearTimeout(timer))
    }
    for (const name of EVENTS)
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId) this.#lastId = event.lastEventId
        const content: unknown = event.data ? JSON.parse(event.data) : {}
        this.#tell({ what: 'event', name, content, id: event.lastEventId })
        this.hear(name, content)
      })
  }

  #tellState(open: boolean): void {
    this.#tell({ what: 'state', open })
    this.state(open)
  }

  #tell(message: Message): void {
    if (!this.#stopped.signal.aborted) this.#channel?.postMessage(message)
  }

  #every(time: number, work: () => void): void {
    this.#timers.add(setInterval(work, time))
  }
}
