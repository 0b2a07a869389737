import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Card } from '../../api/types'
import { tasks } from '../../state/tasks.svelte'
import { Shelf } from './shelf.svelte'

vi.mock('../../actions/perform', () => ({ leaving: new Set() }))

/** What the server has, newest first. */
let stored: Card[] = []
let stopHearing = (): void => {}

function card(id: string, created: string, status: Card['status'], group = 'fox'): Card {
  const at = Date.parse(created) / 1000
  return { id, created: at, updated: at, status, take_group: group, has_result: status === 'completed', hidden: false, progress: 0 } as Card
}

/** A list as the server answers it: of finished takes of one request only the newest. */
function listed(query: URLSearchParams): { cards: Card[]; takes: Record<string, number> } {
  const cards: Card[] = []
  const takes: Record<string, number> = {}
  for (const each of stored) {
    const isTake = query.has('stacked') && each.has_result
    if (!isTake || !takes[each.take_group ?? '']) cards.push(each)
    if (isTake) takes[each.take_group ?? ''] = (takes[each.take_group ?? ''] ?? 0) + 1
  }
  return { cards, takes: Object.fromEntries(Object.entries(takes).filter(([, count]) => count > 1)) }
}

function answer(address: URL): unknown {
  const query = address.searchParams
  const { cards, takes } = listed(query)
  const month = (each: Card): string => new Date(each.created * 1000).toISOString().slice(0, 7)
  if (address.pathname === '/v1/tasks/counts') {
    const by: Record<string, number> = {}
    for (const each of cards) by[month(each)] = (by[month(each)] ?? 0) + 1
    return { total: cards.length, is_capped: false, by: { month: by } }
  }
  const [from, take] = [query.get('from')?.slice(0, 7), query.get('take')]
  const data = cards.filter((each) => (!from || month(each) === from) && (!take || (each.take_group === take && each.has_result)))
  return { object: 'list', data, has_more: false, next_cursor: null, takes }
}

beforeEach(() => {
  vi.stubGlobal('location', { origin: 'http://here' })
  vi.stubGlobal('fetch', async (address: URL) => Response.json(answer(new URL(address))))
})
afterEach(() => {
  vi.unstubAllGlobals()
  stopHearing()
  tasks.forget()
})

async function opened(): Promise<Shelf> {
  const shelf = new Shelf({}, false)
  await shelf.read()
  stopHearing = tasks.onChange((changed, before) => shelf.hear(changed, before, true))
  return shelf
}

/** The server made it; the event says so. */
function done(id: string): void {
  stored = stored.map((each) => (each.id === id ? { ...each, status: 'completed', has_result: true, updated: each.updated + 60 } : each))
  tasks.put(stored.find((each) => each.id === id) as Card)
}

const ids = (shelf: Shelf): string[] => shelf.cards.map(({ id }) => id)

test('takes that are done in any order lie under the newest of them', async () => {
  stored = [card('third', '2026-05-03', 'processing'), card('second', '2026-05-02', 'processing'), card('first', '2026-05-01', 'processing')]
  const shelf = await opened()
  done('second')
  expect(ids(shelf)).toEqual(['third', 'second', 'first'])
  done('first')
  expect(ids(shelf)).toEqual(['third', 'second'])
  expect([shelf.takes.get('fox'), shelf.total]).toEqual([2, 2])
  done('third')
  expect(ids(shelf)).toEqual(['third'])
  expect([shelf.takes.get('fox'), shelf.total]).toEqual([3, 1])
})

test('a take goes on top of one that stands in a month which was not read yet', async () => {
  stored = [card('new', '2026-05-03', 'processing'), card('boat', '2026-05-01', 'completed', 'boat'), card('old', '2026-02-01', 'completed')]
  const shelf = await opened()
  expect([ids(shelf), shelf.total]).toEqual([['new', 'boat'], 3])
  done('new')
  await vi.waitFor(() => expect(shelf.total).toBe(2))
  expect([ids(shelf), shelf.takes.get('fox')]).toEqual([['new', 'boat'], 2])
})

test('a task that is heard of when it is done stacks like any other', async () => {
  stored = [card('old', '2026-05-01', 'completed')]
  const shelf = await opened()
  stored = [card('new', '2026-05-03', 'completed'), ...stored]
  tasks.put(stored[0] as Card)
  expect([ids(shelf), shelf.takes.get('fox')]).toEqual([['new'], 2])
})
