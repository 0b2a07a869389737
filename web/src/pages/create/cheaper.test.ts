import { expect, test } from 'vitest'
import type { Quality, Tier } from '../../api/types'
import { STANDARD } from '../../state/create.svelte'
import { cheaper } from './cheaper'

const PRICES: Record<string, number> = { 'standard 1080p': 33.75, 'standard 720p': 13.5, 'standard 480p': 6.251, 'fast 720p': 10.935, 'fast 480p': 5.063, 'mini 720p': 6.75, 'mini 480p': 3.1255 }
const price = (tier: Tier, quality: Quality): number | undefined => PRICES[`${tier} ${quality}`]

test('what fits and gives least away comes first', () => {
  const settings = { ...STANDARD, duration: 10, quality: '720p' as const }
  expect(cheaper(settings, 135, 100, 4, price)).toEqual([
    { what: { duration: 7 }, credits: 94.5 },
    { what: { quality: '480p' }, credits: expect.closeTo(62.51) as number },
  ])
})

test('all of them fit', () => {
  for (const have of [10, 14, 30, 60, 200])
    for (const { credits } of cheaper({ ...STANDARD, duration: 15, takes: 4, quality: '1080p' }, 506.25, have, 4, price))
      expect(credits).toBeLessThanOrEqual(have)
})

test('where nothing fits nothing is offered', () => {
  expect(cheaper(STANDARD, 67.5, 1, 4, price)).toEqual([])
})
