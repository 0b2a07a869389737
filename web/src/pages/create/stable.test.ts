import { expect, test } from 'vitest'
import { stable } from './stable'

test('what says the same is the same object, and what says something else another', () => {
  let number = 1
  const list = stable(() => [{ number }])
  const first = list()
  expect(list()).toBe(first)
  number = 2
  expect(list()).toEqual([{ number: 2 }])
  expect(list()).not.toBe(first)
})
