import { expect, test } from 'vitest'
import type { Mode } from '../../api/types'
import { choicesOf, modelOf, modeOf, partsOf, type Given, type Hand } from './mode'

const given = (images = 0, videos = 0, audios = 0, hasChip = false): Given => ({ images, videos, audios, hasChip })

test.each<[Given, Hand, string]>([
  [given(), null, 'text-to-video'],
  [given(), 'references', 'reference-to-video'],
  [given(1), null, 'image-to-video'],
  [given(2), null, 'image-to-video'],
  [given(1, 0, 0, true), null, 'reference-to-video'],
  [given(2, 0, 0, true), null, 'reference-to-video'],
  [given(2, 0, 0, true), 'frames', 'image-to-video'],
  [given(2), 'references', 'reference-to-video'],
  [given(3), null, 'reference-to-video'],
  [given(9), 'frames', 'reference-to-video'],
  [given(0, 1), null, 'reference-to-video'],
  [given(1, 0, 1), null, 'reference-to-video'],
  [given(2, 1, 1), 'frames', 'reference-to-video'],
])('%o with %s by hand is %s', (assets, hand, mode) => {
  expect(modeOf(assets, hand)).toBe(mode)
})

test('each tier and mode has a model, and a model has its tier and mode', () => {
  expect(modelOf('text-to-video', 'standard')).toBe('seedance-2.0-text-to-video')
  expect(partsOf(modelOf('reference-to-video', 'mini'))).toEqual({ mode: 'reference-to-video', tier: 'mini' })
  expect(partsOf('another')).toBeUndefined()
})

test('references are a choice with one or two pictures alone, and with nothing', () => {
  const [text, frames, references]: Mode[] = ['text-to-video', 'image-to-video', 'reference-to-video']
  expect([given(), given(1), given(2)].map(choicesOf)).toEqual([[text, references], [frames, references], [frames, references]])
  expect([given(3), given(1, 1), given(0, 0, 1)].map(choicesOf)).toEqual([[], [], []])
})
