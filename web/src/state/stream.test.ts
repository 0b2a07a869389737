import { afterEach, expect, test, vi } from 'vitest'
import { EventStream } from './stream'

/** Connections that are open, and how many ever were. */
const open = new Set<object>()
let opened = 0

class FakeSource {
  static readonly CLOSED = 2
  readyState = 1
  onopen?: () => void
  onerror?: () => void
  constructor(readonly address: URL) {
    open.add(this)
    opened++
  }
  addEventListener(): void {}
  close(): void {
    open.delete(this)
  }
}

const rested = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_000))

afterEach(() => vi.unstubAllGlobals())

test('without locks one of seven tabs leads, and one of those that are left when it goes', async () => {
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('location', { origin: 'http://here' })
  vi.stubGlobal('EventSource', FakeSource)
  vi.stubGlobal('addEventListener', () => {})
  const leading = new Map<object, EventStream>()
  let tabs = Array.from({ length: 7 }, () => new EventStream(() => {}, () => {}, 'account'))
  for (const tab of tabs) {
    const before = new Set(open)
    tab.start()
    await new Promise((resolve) => setTimeout(resolve, 350))
    for (const source of open) if (!before.has(source)) leading.set(source, tab)
  }
  await rested()
  expect(open.size).toBe(1)
  expect(opened).toBe(1)
  const [source] = open
  const leader = leading.get(source as object)
  leader?.stop()
  tabs = tabs.filter((tab) => tab !== leader)
  expect(tabs.length).toBe(6)
  await rested()
  expect(open.size).toBe(1)
  expect(opened).toBe(2)
  for (const tab of tabs) tab.stop()
  expect(open.size).toBe(0)
}, 20_000)

test('with locks the tab that has the lock leads, whatever a tab says that led before', async () => {
  const request = (_name: string, _options: object, lead: () => Promise<void>): Promise<void> => lead()
  vi.stubGlobal('navigator', { locks: { request } })
  vi.stubGlobal('location', { origin: 'http://here' })
  vi.stubGlobal('EventSource', FakeSource)
  const tab = new EventStream(() => {}, () => {}, 'locked')
  tab.start()
  expect(open.size).toBe(1)
  const gone = new BroadcastChannel('opendance-events-locked')
  gone.postMessage({ what: 'sign', tab: '', id: '7' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(open.size).toBe(1)
  gone.close()
  tab.stop()
  expect(open.size).toBe(0)
})
