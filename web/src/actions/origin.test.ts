import { expect, test } from 'vitest'
import type { Verified } from '../api/library'
import { verdictOf, type Manifest } from './origin'

const OURS: Manifest = { problems: [], generation: { engine: 'previs', model: 'fast' }, watermark: 0xc0ffee }
const MARKED = { picture: true, picture_sigmas: 30, sound: null, sound_sigmas: null, number: '00c0ffee' }
const told = (manifest: Manifest | null, what: Partial<Verified> = {}): Verified => ({ generated: true, manifest: manifest as Verified['manifest'], marks: MARKED, task_id: null, ...what })

test('a whole manifest of ours with the mark that it tells of is a video as it was made', () => {
  expect(verdictOf(told(OURS))).toBe('ours')
  expect(verdictOf(told({ ...OURS, watermark: null }))).toBe('ours')
  expect(verdictOf(told(OURS, { marks: { ...MARKED, picture: false, number: null } }))).toBe('ours')
})

test('a video that another program changed and signed is changed, though its manifest is whole', () => {
  expect(verdictOf(told({ problems: [], generation: {}, watermark: null }))).toBe('changed')
})

test('a mark of another video is a change', () => {
  expect(verdictOf(told({ ...OURS, watermark: 1 }))).toBe('changed')
})

test('a broken manifest is a change, none is stripped, and without any sign it is not ours', () => {
  expect(verdictOf(told({ ...OURS, problems: ['assertion.bmffHash.mismatch'] }))).toBe('changed')
  expect(verdictOf(told(null))).toBe('stripped')
  expect(verdictOf(told({ problems: [], generation: {} }, { generated: false }))).toBe('not_ours')
})
