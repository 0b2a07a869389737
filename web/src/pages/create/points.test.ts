import { expect, test } from 'vitest'
import { pointsIn, unitsAt } from './points'

test.each(['🐱 sits', '👨‍👩‍👧 @Image1', '🇰🇷 이미지1', '고양이가', 'e\u0301 a', '𝒜𝒷', ''])('places in %s come back', (text) => {
  const points = [...text].length
  expect(pointsIn(text)).toBe(points)
  for (let point = 0; point <= points; point++) {
    const units = unitsAt(text, point)
    expect([...text.slice(0, units)].length).toBe(point)
    expect(pointsIn(text, units)).toBe(point)
  }
})

test('a place behind the end is the end', () => {
  expect(unitsAt('🐱', 9)).toBe(2)
})
