import { expect, test } from 'vitest'
import { addressOfFind, daysOf, findIn, monthOf } from './find'

test('an address gives what it was made of, and what is no filter is left out', () => {
  const find = { search: '花园', status: 'failed', favourite: 'true', from: '2026-03-05' }
  expect(findIn(new URLSearchParams(addressOfFind(find, true).split('?')[1]))).toEqual(find)
  expect(findIn(new URLSearchParams('status=broken&favourite=maybe&from=yesterday&x=1'))).toEqual({})
})

test('a month has its days, within those that are looked for', () => {
  expect(daysOf('2028-02', {})).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(daysOf('2026-03', { from: '2026-03-05', to: '2026-04-01' })).toEqual({ from: '2026-03-05', to: '2026-03-31' })
})

test('a moment belongs to its month in UTC, as the server counts', () => {
  expect(monthOf(Date.parse('2026-03-31T23:59:59Z') / 1000)).toBe('2026-03')
})
