import { ask } from '../../api/client'
import type { Counts } from '../../api/library'

/** What can be looked for; each has the name that the address and the API have for it. */
export const FILTERS = ['search', 'status', 'favourite', 'kept', 'tier', 'mode', 'engine', 'quality', 'ratio', 'sound', 'tag', 'key', 'from', 'to', 'take', 'hidden'] as const
export type Filter = (typeof FILTERS)[number]
export type Find = Partial<Record<Filter, string>>

export const CHOICES = {
  status: ['pending', 'processing', 'completed', 'failed', 'cancelled'],
  tier: ['standard', 'fast', 'mini'],
  mode: ['text-to-video', 'image-to-video', 'reference-to-video'],
  quality: ['480p', '720p', '1080p'],
  ratio: ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9', 'adaptive'],
} as const

/** What an address asks for; what is no filter, or has no such value, is left out. */
export function findIn(query: URLSearchParams): Find {
  const find: Find = {}
  for (const name of FILTERS) {
    const value = query.get(name)?.trim()
    if (!value) continue
    if (name in CHOICES && !(CHOICES[name as keyof typeof CHOICES] as readonly string[]).includes(value)) continue
    if (['favourite', 'kept', 'sound', 'hidden'].includes(name) && !['true', 'false'].includes(value)) continue
    if (['from', 'to'].includes(name) && !/^\d{4}-\d\d-\d\d$/.test(value)) continue
    find[name] = value.slice(0, 200)
  }
  return find
}

/** The same address, whatever the order of its parts. */
export function nameOfFind(find: Find, oldest: boolean): string {
  return JSON.stringify([FILTERS.map((name) => find[name] ?? ''), oldest])
}

export function addressOfFind(find: Find, oldest: boolean): string {
  const query = new URLSearchParams(Object.entries(find).filter((entry): entry is [string, string] => !!entry[1]))
  if (oldest) query.set('sort', 'created')
  const text = query.toString()
  return text ? `/library?${text}` : '/library'
}

/** What the API is asked for. Takes of one request lie under the newest of them where nothing is looked for. */
export function queryOf(find: Find): Record<string, string | boolean | undefined> {
  return { ...find, ...(!Object.keys(find).length && { stacked: true }) }
}

export function countsOf(find: Find, signal?: AbortSignal): Promise<Counts> {
  return ask<Counts>('/v1/tasks/counts', { query: queryOf(find), signal })
}

/** First and last day of a month such as `2026-03`, UTC, within what is looked for. */
export function daysOf(month: string, find: Find): { from: string; to: string } {
  const [year, number] = month.split('-').map(Number)
  const last = new Date(Date.UTC(year ?? 1970, number ?? 1, 0)).getUTCDate()
  const from = `${month}-01`
  const to = `${month}-${String(last).padStart(2, '0')}`
  return { from: find.from && find.from > from ? find.from : from, to: find.to && find.to < to ? find.to : to }
}

/** The UTC month of a moment, as counts name it; unix seconds. */
export function monthOf(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 7)
}
