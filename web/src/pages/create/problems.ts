import type { Check, Problem } from '../../api/types'
import { format, known, t } from '../../words'
import type { Form } from './form.svelte'

/** Where a problem stands: at a tile, under all of them, under the prompt, at a control, at the price. */
export type Place = 'asset' | 'assets' | 'prompt' | 'tier' | 'duration' | 'ratio' | 'quality' | 'sound' | 'seed' | 'search' | 'filter' | 'callback' | 'price' | 'whole'

export interface Shown {
  place: Place
  asset?: string
  code: string
  level: 'error' | 'warning'
  text: string
  begin: number | null
  end: number | null
}

const PLACES: [RegExp, Place][] = [
  [/^prompt/, 'prompt'],
  [/^(image|video|audio)_urls$/, 'assets'],
  [/^model$/, 'tier'],
  [/^duration/, 'duration'],
  [/^aspect_ratio/, 'ratio'],
  [/^quality/, 'quality'],
  [/^generate_audio/, 'sound'],
  [/^(model_params\.)?seed/, 'seed'],
  [/^model_params\.web_search/, 'search'],
  [/^content_filter/, 'filter'],
  [/^callback_url/, 'callback'],
]

/** Everything that stands in the way, and what is only worth knowing: the server's word, and what only the page knows. */
export function problemsOf(form: Form, check: Check | undefined, isCurrent: boolean): Shown[] {
  const shown: Shown[] = [...ownProblems(form)]
  for (const problem of check?.problems ?? []) {
    // An asset's own failure is told already, and a prompt that nobody has begun is no fault yet.
    const each = placed(form, problem)
    if (each.asset && form.assets.get(each.asset)?.failure) continue
    if (problem.code === 'prompt_empty' || (problem.code === 'missing_field' && problem.path === 'prompt')) continue
    if (problem.code === 'asset_unnamed') continue // the tile says so in its own words
    if (!isCurrent && problem.begin !== null) each.begin = each.end = null
    shown.push(each)
  }
  if (isCurrent && check?.plan) shown.push(...unread(form, check))
  return shown
}

/** The problem in the page's words; an unknown code in the server's. */
export function inWords(problem: Problem): string {
  const params: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(problem.params)) {
    if (value === null) continue
    if (Array.isArray(value)) params[name] = format.list(value, 'disjunction')
    else if (typeof value === 'boolean') params[name] = String(value)
    else if (name === 'size' || (name === 'most' && problem.code === 'file_too_large')) params[name] = format.bytes(Number(value))
    else if (name === 'at') params[name] = format.soon(Number(value))
    else if (name === 'kind') params[name] = known(`problems.kind_${value}`) ?? value
    else if (name === 'unit') params[name] = known(`problems.unit_${value}`) ?? value
    else params[name] = value
  }
  // Of callbacks more is wanted than of an address that something is fetched from.
  const code = problem.code === 'url_invalid' && problem.path === 'callback_url' ? 'callback_invalid' : problem.code
  const text = known(`problems.${code}`, params)
  return text && !/\{\w+\}/.test(text) ? text : problem.message
}

function placed(form: Form, problem: Problem): Shown {
  const { code, level, begin, end, path } = problem
  const text = inWords(problem)
  const base = { code, level, text, begin, end }
  const media = /^(image|video|audio)_urls\[(\d+)\]/.exec(path)
  if (media) {
    const of = form.list.filter((asset) => asset.kind === media[1])
    return { ...base, place: 'asset', asset: of[Number(media[2])]?.id }
  }
  if (code === 'insufficient_credits') return { ...base, place: 'price' }
  if (code === 'model_access_denied' || code === 'no_engine') return { ...base, place: 'tier' }
  return { ...base, place: PLACES.find(([pattern]) => pattern.test(path))?.[1] ?? 'whole' }
}

function ownProblems(form: Form): Shown[] {
  const own: Shown[] = []
  const add = (place: Place, code: string, text: string, asset?: string): void => {
    own.push({ place, code, text, level: 'error', begin: null, end: null, asset })
  }
  for (const asset of form.list) if (asset.failure) add('asset', asset.failure.code, asset.failure.message, asset.id)
  if (form.lost.length) add('prompt', 'chip_lost', t('problems.chip_lost', { count: form.lost.length }))
  return own
}

/** Chips that the server did not read as what they stand for. */
function unread(form: Form, check: Check): Shown[] {
  const shown: Shown[] = []
  form.pieces.forEach((piece, index) => {
    if (!('asset' in piece)) return
    const name = form.names.get(piece.asset)
    const place = form.sent.places[index]
    if (!name || !place) return
    const isRead = check.plan?.references.some(
      (each) => each.kind === name.kind && each.number === name.number && each.begin < place.end && each.end > place.begin,
    )
    if (!isRead)
      shown.push({
        place: 'prompt',
        code: 'chip_unread',
        level: 'error',
        text: t('problems.chip_unread', { name: t(`create.${name.kind}_n`, { count: name.number }) }),
        begin: place.begin,
        end: place.end,
      })
  })
  return shown
}
