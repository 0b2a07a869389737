import { expect, test } from 'vitest'
import type { PriceLine, Quality, Tier } from '../../api/types'
import { STANDARD } from '../../state/create.svelte'
import { cheaper, type Change } from './cheaper'

const PRICES: Record<string, number> = { 'standard 1080p': 33.75, 'standard 720p': 13.5, 'standard 480p': 6.251, 'fast 720p': 10.935, 'fast 480p': 5.063, 'mini 720p': 6.75, 'mini 480p': 3.1255 }
const price = (tier: Tier, quality: Quality): number | undefined => PRICES[`${tier} ${quality}`]
const costs = (credits_reserved: number, lines: PriceLine[] = []): { credits_reserved: number; lines: PriceLine[] } => ({ credits_reserved, lines })
const changesOf = (...given: Parameters<typeof cheaper>): Change[] => cheaper(...given)?.changes ?? []

test('what fits and gives least away comes first', () => {
  const settings = { ...STANDARD, duration: 10, quality: '720p' as const }
  expect(changesOf(settings, costs(135), 100, 4, price)).toEqual([
    { what: { duration: 7 }, credits: 94.5 },
    { what: { tier: 'mini' }, credits: expect.closeTo(67.5) as number },
  ])
})

test('of several takes fewer are made before anything else is given away', () => {
  const [first] = changesOf({ ...STANDARD, takes: 4 }, costs(67.5), 150, 4, price)
  expect(first).toEqual({ what: { takes: 2 }, credits: 135 })
})

test('all of them fit, none is dearer than what was asked for, and no two are alike', () => {
  for (const have of [30, 60, 200]) {
    const changes = changesOf({ ...STANDARD, duration: 15, takes: 4, quality: '1080p' }, costs(506.25), have, 4, price)
    expect(changes.length).toBe(2)
    for (const { credits } of changes) expect(credits).toBeLessThanOrEqual(have)
    expect(changes[0]).not.toEqual(changes[1])
  }
})

test('where nothing fits it tells what the least costs', () => {
  expect(cheaper(STANDARD, costs(67.5), 10, 4, price)).toEqual({ changes: [], least: expect.closeTo(12.502) as number })
})

test('seconds of a film that is given are paid whatever is changed', () => {
  const line = { item: 'input_video', unit: 'second', quantity: 5, unit_price: 13.5, credits: 67.5 } as PriceLine
  const changes = changesOf({ ...STANDARD, duration: 15 }, costs(270, [line]), 200, 4, price)
  expect(changes[0]).toEqual({ what: { duration: 9 }, credits: expect.closeTo(189) as number })
})

test('where the prices are not known it claims nothing', () => {
  expect(cheaper(STANDARD, costs(67.5), 10, 4, () => undefined)).toBeUndefined()
})
