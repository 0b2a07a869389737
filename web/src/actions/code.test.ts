import { expect, test } from 'vitest'
import type { VideoRequest } from '../api/types'
import { CODE_LANGUAGES, hasEnded, requestAsCode } from './code'

const request: VideoRequest = {
  model: 'seedance-2.0-reference-to-video',
  prompt: `She says "it's 5 o'clock" \\ $HOME\n[@Image1] 走る`,
  image_urls: ['https://example.org/a.png?ends=9999999999&signature=x', 'http://here/api/v1/files/content/b.png?ends=5&signature=y'],
  duration: 5,
  quality: '720p',
  aspect_ratio: '16:9',
  generate_audio: false,
  content_filter: true,
  model_params: { web_search: false, seed: 7 },
}
const remark = (kind: string, number: number): string => `${kind} ${number} is gone`

test('a link that has ended is a placeholder with a remark, one that has not stays', () => {
  for (const language of CODE_LANGUAGES) {
    const code = requestAsCode(request, language, 'https://video.example/', remark)
    expect(code).toContain('image 2 is gone')
    expect(code).toContain('https://example.com/image-2')
    expect(code).toContain('https://example.org/a.png')
    expect(code).not.toContain('b.png')
    expect(code).toContain('https://video.example')
    expect(code).not.toContain('https://video.example/v1//')
  }
})

test('no program has a key in it, but for the name of its variable', () => {
  for (const language of CODE_LANGUAGES.filter((each) => each !== 'cli'))
    expect(requestAsCode(request, language, 'https://video.example', remark)).toMatch(/OPENDANCE_API_KEY/)
})

test('a shell reads a quotation mark in the prompt as one', () => {
  expect(requestAsCode(request, 'cli', 'https://video.example', remark)).toContain(`it'\\''s 5 o'\\''clock`)
})

test('words of JSON become words of Python outside strings alone', () => {
  const code = requestAsCode({ ...request, prompt: '"a": true' }, 'python', 'https://video.example', remark)
  expect(code).toContain('"generate_audio": False')
  expect(code).toContain('"prompt": "\\"a\\": true"')
})

test('only a signed link of a server has an end', () => {
  expect(hasEnded('https://example.com/x?ends=5', 6_000)).toBe(true)
  expect(hasEnded('https://example.com/x?ends=5', 4_000)).toBe(false)
  expect(hasEnded('https://example.com/friends=5')).toBe(false)
})
