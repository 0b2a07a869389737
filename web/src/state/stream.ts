/**
 * One event stream for all tabs: one of them leads and holds the connection, the others hear what it hears.
 *
 * The leader holds a Web Lock; where there are none (plain http), the tab with the least number leads, and says every
 * second that it is there.
 */
const CHANNEL = 'opendance-events'
const EVENTS = ['hello', 'task', 'files', 'credits', 'queue', 'reset'] as const
const SIGN = 1_000 // ms between two signs of a leader
const GONE = 2_500 // ms without one after which another leads

export type EventName = (typeof EVENTS)[number]
export type Heard = (name: EventName, content: unknown) => void
type Message =
  | { what: 'event'; name: EventName; content: unknown; id: string }
  | { what: 'sign'; tab: string; id: string }
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
    this.#stopped.abort()
    this.#release?.()
    this.#source?.close()
    this.#source = undefined
    this.#channel?.close()
    for (const timer of this.#timers) clearInterval(timer)
  }

  #leadByLock(): void {
    const { signal } = this.#stopped
    navigator.locks
      .request(`${CHANNEL}-${this.group}`, { signal }, async () => {
        if (signal.aborted) return
        this.#connect()
        await new Promise<void>((resolve) => (this.#release = resolve))
      })
      .catch(() => {})
  }

  #leadBySigns(): void {
    this.#lastSign = Date.now()
    this.#every(SIGN, () => {
      if (this.#source) this.#tell({ what: 'sign', tab: this.#tab, id: this.#lastId })
      else if (Date.now() - this.#lastSign > GONE + Math.random() * SIGN) this.#connect()
    })
    setTimeout(() => {
      if (!this.#source && Date.now() - this.#lastSign >= SIGN * 1.2) this.#connect()
    }, SIGN * 1.3)
  }

  #receive(message: Message): void {
    if (message.what === 'event') {
      this.#lastId = message.id || this.#lastId
      this.#lastSign = Date.now()
      this.hear(message.name, message.content)
    } else if (message.what === 'state') this.state(message.open)
    else {
      this.#lastSign = Date.now()
      this.#lastId = message.id || this.#lastId
      // Two lead: the one with the lesser number stays.
      if (this.#source && message.tab < this.#tab) {
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
