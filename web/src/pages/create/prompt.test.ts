import { expect, test } from 'vitest'
import { chipText, recognise, tidy, wire, writtenIn, type Named } from './prompt'

const assetOf = ({ kind, number }: Named): string | undefined => (number >= 1 && number <= 3 ? `${kind}${number}` : undefined)
const named = (id: string): Named | undefined => {
  const match = /^(image|video|audio)(\d)$/.exec(id)
  return match ? { kind: match[1] as Named['kind'], number: Number(match[2]) } : undefined
}

test.each([
  ['image 1 runs', 'image1'],
  ['the cat of @Image2.', 'image2'],
  ['【@图片3】作为场景', 'image3'],
  ['用@图2的猫', 'image2'],
  ['이미지 1의 고양이', 'image1'],
  ['[@画像1]の猫', 'image1'],
  ['with Video 2', 'video2'],
  ['音频1', 'audio1'],
  ['동영상2 처럼', 'video2'],
])('%s names an asset', (text, asset) => {
  expect(recognise(text, assetOf)).toContainEqual({ asset })
})

test.each(['a video 5 seconds long', '图片2张', 'photo 35mm', 'image 9', 'the imagery 1', '영상 3개', 'video 1:30'])(
  '%s names none',
  (text) => {
    expect(recognise(text, assetOf)).toEqual([{ text }])
  },
)

test('brackets around a name belong to it, one that stays open to the text', () => {
  expect(recognise('a [@Image1] b', assetOf)).toEqual([{ text: 'a ' }, { asset: 'image1' }, { text: ' b' }])
  expect(recognise('(see image 1 and b)', assetOf)).toEqual([{ text: '(see ' }, { asset: 'image1' }, { text: ' and b)' }])
})

test('in the plain box only names in brackets are chips', () => {
  expect(recognise('image 1 and [@Image2]', assetOf, { brackets: true })).toEqual([
    { text: 'image 1 and ' },
    { asset: 'image2' },
  ])
})

test.each(['en', 'zh', 'ko', 'ja'])('what is written in %s is read again', (language) => {
  for (const kind of ['image', 'video', 'audio'] as const)
    expect(recognise(chipText({ kind, number: 2 }, language), assetOf)).toEqual([{ asset: `${kind}2` }])
})

test('a chip of a removed asset is read again as one', () => {
  const { text } = wire([{ text: 'a ' }, { asset: 'none' }], named)
  expect(recognise(text, assetOf)).toEqual([{ text: 'a ' }, { asset: '×' }])
})

test('places are code points', () => {
  const { text, places } = wire([{ text: '🐱👨‍👩‍👧 ' }, { asset: 'image1' }, { text: ' runs' }], named, 'ko')
  expect(text).toBe('🐱👨‍👩‍👧 [@이미지1] runs')
  expect(places).toEqual([
    { begin: 0, end: 7 },
    { begin: 7, end: 14 },
    { begin: 14, end: 19 },
  ])
})

test('neighbouring texts are one', () => {
  expect(tidy([{ text: 'a' }, { text: '' }, { text: 'b' }, { asset: 'x' }])).toEqual([{ text: 'ab' }, { asset: 'x' }])
})

test('a prompt is not Korean for a chip that is', () => {
  expect(writtenIn('the cat of  and two dogs', 'ko')).toBe('en')
  expect(writtenIn('고양이가 ', 'ko')).toBe('ko')
  expect(writtenIn('猫', 'ja')).toBe('ja')
})
