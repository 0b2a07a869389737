import { expect, test } from 'vitest'
import type { Card, Queue } from '../api/types'
import { Countdown, inSteps, rawTimeLeft } from './time-left'

const making = (what: Partial<Card>): Card => ({ status: 'processing', created: 0, started: 0, estimated_time: 40, progress: 0, ...what }) as Card

test('what its own progress says counts from 5 % on, where it is more', () => {
  expect(rawTimeLeft(making({ progress: 2 }), 10)).toBe(30)
  expect(rawTimeLeft(making({ progress: 10 }), 10)).toBe(90)
  expect(rawTimeLeft(making({ progress: 90 }), 60)).toBeCloseTo(6.67, 1)
})

test('what such a clip takes counts, not what was before it in the queue', () => {
  const card = making({ created: 0, started: 100, estimated_time: 300 })
  const entry = { task: making({ progress: 50 }), ready_in: 20 } as Queue['own'][number]
  expect(rawTimeLeft(card, 110)).toBe(190)
  expect(rawTimeLeft(card, 110, entry)).toBe(30)
})

test('steps are ten seconds, then minutes', () => {
  expect([1, 11, 58, 61, 130].map(inSteps)).toEqual([10, 20, 60, 120, 180])
})

test('it is never raised by more than a step at once', () => {
  const countdown = new Countdown()
  let last = countdown.tell(10, 0).shown
  for (let now = 0.2; now < 30; now += 0.2) {
    const { shown } = countdown.tell(now < 15 ? 200 : 5, now)
    expect(shown - last).toBeLessThanOrEqual(last < 60 ? 10 : 60)
    last = shown
  }
  expect(last).toBe(10)
})
