import type { MediaKind } from '../../api/types'
import type { Piece } from '../../state/create.svelte'
import { pointsIn } from './points'

/**
 * The prompt as the server reads it. A chip is a name in brackets: without them the server takes a number that is
 * followed by a measure for a count (`@Image1 2 dogs run`).
 */
const NAMES: Record<string, { open: string; close: string } & Record<MediaKind, string>> = {
  en: { open: '[', close: ']', image: 'Image', video: 'Video', audio: 'Audio' },
  zh: { open: '【', close: '】', image: '图片', video: '视频', audio: '音频' },
  ko: { open: '[', close: ']', image: '이미지', video: '비디오', audio: '오디오' },
  ja: { open: '[', close: ']', image: '画像', video: '動画', audio: '音声' },
}
/** Stands for a chip whose asset was removed, in the plain box only. */
export const GONE = '×'

export interface Named {
  kind: MediaKind
  number: number
}

/** Where a piece stands in the prompt, code points. */
export interface Placed {
  begin: number
  end: number
}

export function chipText({ kind, number }: Named, language = 'en'): string {
  const names = NAMES[language] ?? NAMES['en']!
  return `${names.open}@${names[kind]}${number}${names.close}`
}

/**
 * Args:
 *   pieces: the prompt's words and chips.
 *   named: an asset's kind and number; undefined where it is not there any more.
 *   language: of the prompt, as the last check told it.
 *
 * Returns: the text, and where each piece stands in it.
 */
export function wire(
  pieces: Piece[],
  named: (asset: string) => Named | undefined,
  language = 'en',
): { text: string; places: Placed[] } {
  let text = ''
  let begin = 0
  const places: Placed[] = []
  for (const piece of pieces) {
    let part: string
    if ('text' in piece) part = piece.text
    else {
      const name = named(piece.asset)
      part = name ? chipText(name, language) : `[@${GONE}]`
    }
    const end = begin + pointsIn(part)
    places.push({ begin, end })
    text += part
    begin = end
  }
  return { text, places }
}

const WORDS: Record<MediaKind, string> = {
  image: 'images?|img|pictures?|photos?|pics?|图片|图像|照片|(?<![\\u4e00-\\u9fff])图|이미지|사진|그림|画像|イメージ|写真',
  video: 'videos?|clips?|footage|视频|影片|비디오|동영상|영상|動画|ビデオ|映像',
  audio: 'audios?|sounds?|music|songs?|音频|音乐|声音|오디오|음악|음성|사운드|音声|オーディオ|音楽',
}
// What stands behind a number makes it a measure: "a video 5 seconds long", "图片2张".
const UNITS =
  '(?:s|k?hz|secs?|seconds?|minutes?|mins?|hours?|ms|mm|cm|m|fps|frames?|bpm|k|p|px|x|d|th|nd|rd|years?|days?|times|people)(?![a-z])'
const COUNTERS = '[秒分张個个条枚本段幅年点倍초분장개편컷년시명배つ回人歳時]'
const NAME = new RegExp(
  Object.entries(WORDS)
    .map(
      ([kind, words]) =>
        `(?<${kind}Open>[\\[【(]\\s?)?(?:@\\s?(?:${words})|(?<![A-Za-z@])(?:${words}))\\s{0,3}(?:#|no\\.?)?\\s{0,3}` +
        `(?<${kind}>\\d{1,2})(?!\\d|[.:/]\\d|%|-?${UNITS}|\\s{1,3}${UNITS}|\\s?${COUNTERS})(?<${kind}Close>\\s?[\\]】)])?`,
    )
    .join('|'),
  'giu',
)

/**
 * Pieces of a text: what names an asset that is there becomes a chip, in any spelling.
 *
 * Args:
 *   assetOf: the id of the asset of a kind and number, if there is one.
 *   brackets: only names in brackets count, as the plain box has them.
 */
export function recognise(
  text: string,
  assetOf: (named: Named) => string | undefined,
  { brackets = false }: { brackets?: boolean } = {},
): Piece[] {
  const pieces: Piece[] = []
  let last = 0
  const add = (end: number): void => {
    if (end > last) pieces.push({ text: text.slice(last, end) })
  }
  for (const match of text.matchAll(NAME)) {
    const groups = match.groups ?? {}
    const kind = (['image', 'video', 'audio'] as const).find((each) => groups[each] !== undefined)
    if (!kind) continue
    const open = groups[`${kind}Open`] ?? ''
    const close = groups[`${kind}Close`] ?? ''
    if (brackets && !(open && close)) continue
    const asset = assetOf({ kind, number: Number(groups[kind]) })
    if (asset === undefined) continue
    // A bracket that is not closed is the text's own.
    const isPair = open && close
    add(match.index + (isPair ? 0 : open.length))
    pieces.push({ asset })
    last = match.index + match[0].length - (isPair ? 0 : close.length)
  }
  add(text.length)
  return pieces.flatMap((piece) => ('text' in piece ? gone(piece.text) : [piece]))
}

function gone(text: string): Piece[] {
  return text
    .split(`[@${GONE}]`)
    .flatMap((part, index): Piece[] => [...(index ? [{ asset: GONE }] : []), ...(part ? [{ text: part }] : [])])
}

/** The text without what names assets: for counting words. */
export function wordsOnly(pieces: Piece[]): string {
  return pieces.map((piece) => ('text' in piece ? piece.text : ' ')).join('')
}

const SCRIPTS: Record<string, RegExp> = { zh: /\p{Script=Han}/u, ko: /\p{Script=Hangul}/u, ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u }

/** The language that a check told, if the words without the chips have a letter of it; else English. */
export function writtenIn(words: string, language: string): string {
  const script = SCRIPTS[language]
  return !words.trim() || !script || script.test(words) ? language : 'en'
}

/** Neighbouring texts joined, empty ones left out. */
export function tidy(pieces: Piece[]): Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if ('text' in piece && !piece.text) continue
    if ('text' in piece && last && 'text' in last) joined[joined.length - 1] = { text: last.text + piece.text }
    else joined.push(piece)
  }
  return joined
}
