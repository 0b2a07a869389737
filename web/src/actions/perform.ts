import { mount, unmount, type Component } from 'svelte'
import { SvelteSet } from 'svelte/reactivity'
import { ApiFailure, ask } from '../api/client'
import type { TaskWhole } from '../api/library'
import type { Card, MediaKind, Quality, Queue, UploadedFile } from '../api/types'
import { copy } from '../parts/copy'
import { notices } from '../parts/notices.svelte'
import { download } from '../parts/saving'
import { go } from '../router.svelte'
import { create } from '../state/create.svelte'
import { isLive, tasks } from '../state/tasks.svelte'
import { thrownInWords } from '../words/failures'
import { t } from '../words'
import { requestAsCode, type CodeLanguage } from './code'

/** Tasks that are being hidden or deleted, while that can be undone: they are shown no more. */
export const leaving = new SvelteSet<string>()

/** What a task is called where there is little room. */
export function nameOf(card: Card): string {
  return card.title ?? (card.prompt.trim() || card.id)
}

/** The task with everything that its viewer shows. Raises: ApiFailure. */
export async function wholeOf(id: string, signal?: AbortSignal): Promise<TaskWhole> {
  return ask<TaskWhole>(`/v1/tasks/${id}`, { query: { include: 'request' }, signal })
}

/** Does something, and says it where it cannot be done. Gives undefined then. */
export async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') return undefined
    notices.show(thrownInWords(problem), 'bad', 9_000)
    if (!(problem instanceof ApiFailure)) throw problem
    return undefined
  }
}

/** A key by which the server knows a request that it gets twice. */
function requestKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const TRIES = 3

/** Asks for something that is paid: a lost answer is asked for again under the same key, so it is charged once. */
async function paid<T>(path: string, body: unknown): Promise<T> {
  const key = requestKey()
  for (let round = 1; ; round++) {
    try {
      return await ask<T>(path, { method: 'POST', body, headers: { 'Idempotency-Key': key } })
    } catch (problem) {
      if (!(problem instanceof ApiFailure) || problem.status !== 0 || round === TRIES) throw problem
      await new Promise((resolve) => setTimeout(resolve, 1_000 * round))
    }
  }
}

interface Changes {
  model?: string
  quality?: Quality
  model_params?: { seed?: number }
}

/** The same request once more, but for `changes`; a new seed unless they give one. */
export async function again(card: Card, changes: Changes = {}): Promise<void> {
  const made = await tried(() => paid<{ id: string }>(`/v1/tasks/${card.id}/again`, changes))
  if (!made) return
  notices.show(t('actions.started'))
  tasks.queueChanged()
}

export function exactlyAgain(card: Card): Promise<void> {
  return again(card, { model_params: { seed: card.seed } })
}

/** The whole request into Create; without its seed unless `keepSeed`. */
export function remix(card: Card, { keepSeed = false } = {}): Promise<void> {
  return toCreate(card, (whole) => handOver(whole, keepSeed))
}

/** Gives Create what a task was made with; says which files are not kept any more. */
export function handOver(whole: TaskWhole, keepSeed = false): void {
  const names = Object.fromEntries(whole.inputs.filter((input) => input.name).map((input) => [input.url, input.name as string]))
  create.remix(whole.request, { keepSeed, names })
  const gone = whole.inputs.filter((input) => input.gone).map((input) => t(`actions.asset_${input.kind}`, { number: input.number }))
  if (gone.length) notices.show(t('actions.inputs_gone', { inputs: gone.join(', ') }), 'bad', 12_000)
}

async function toCreate(card: Card, hand: (whole: TaskWhole) => void): Promise<void> {
  const whole = await tried(() => wholeOf(card.id))
  if (!whole) return
  hand(whole)
  go('/create')
}

/** An address of this server that names something of a task; requests may have it as an input. */
function addressOf(card: Card, what: 'result' | 'last-frame'): string {
  return `${location.origin}/v1/tasks/${card.id}/${what}`
}

export function lastFrameFirst(card: Card): void {
  create.setFirstFrame(addressOf(card, 'last-frame'), t('actions.last_frame_of', { name: nameOf(card).slice(0, 40) }))
  go('/create')
}

/** The picture at a second of the clip, as an upload, to Create. */
export async function useFrame(card: Card, at: number, use: 'first' | 'last' | 'reference'): Promise<void> {
  const answer = await tried(() =>
    ask<{ data: UploadedFile }>(`/v1/tasks/${card.id}/frame`, { method: 'POST', query: { at: at.toFixed(3) } }),
  )
  if (!answer) return
  const { file_url: url, file_name: name } = answer.data
  if (use === 'first') create.setFirstFrame(url, name)
  else if (use === 'last') create.setLastFrame(url, name)
  else create.addReference({ kind: 'image', url, name })
  go('/create')
}

/** The clip as the one reference video of a new form, and the beginning of a prompt: the words must be as the server reads them. */
function withClip(card: Card, prompt: string): void {
  create.remix(
    {
      model: `seedance-2.0${card.tier === 'standard' ? '' : `-${card.tier}`}-reference-to-video`,
      prompt,
      video_urls: [addressOf(card, 'result')],
      duration: card.duration,
      quality: card.quality,
      aspect_ratio: card.aspect_ratio,
      generate_audio: card.generate_audio,
    },
    { names: { [addressOf(card, 'result')]: nameOf(card) } },
  )
  go('/create')
}

export function extend(card: Card): void {
  withClip(card, 'Extend [@Video1]: ')
}

export function changeSomething(card: Card): void {
  withClip(card, 'In [@Video1], ')
}

export function useAsReference(card: Card): void {
  const kind: MediaKind = 'video'
  create.addReference({ kind, url: addressOf(card, 'result'), name: nameOf(card), seconds: card.duration })
  go('/create')
}

/** Saves one clip, or several in one archive. */
export function saveClips(cards: Card[]): void {
  const ready = cards.filter((card) => card.result_url)
  const [first] = ready
  if (!first) return
  if (ready.length === 1) download(`/v1/tasks/${first.id}/result?download=1`)
  else download(`/v1/tasks/zip?ids=${ready.map((card) => card.id).join(',')}`)
}

/** A link that works for 24 hours, without a key. */
export async function copyLink(card: Card): Promise<void> {
  const whole = await tried(() => wholeOf(card.id))
  if (whole?.results?.[0]) await copy(whole.results[0])
}

export async function copyPrompt(card: Card): Promise<void> {
  if (card.prompt_is_whole) return copy(card.prompt)
  const whole = await tried(() => wholeOf(card.id))
  if (whole) await copy(whole.request.prompt)
}

export async function copyRequest(card: Card): Promise<void> {
  const whole = await tried(() => wholeOf(card.id))
  if (whole) await copy(JSON.stringify(whole.request, null, 2))
}

export async function copyCode(card: Card, language: CodeLanguage): Promise<void> {
  const whole = await tried(() => wholeOf(card.id))
  if (whole) await copy(codeOf(whole, language))
}

/** The task's request as a program. */
export function codeOf(whole: TaskWhole, language: CodeLanguage): string {
  const gone = whole.inputs.filter((input) => input.gone).map((input) => input.url)
  const remark = (kind: string, number: number): string =>
    t('actions.code_placeholder', { input: t(`actions.asset_${kind as MediaKind}`, { number }) })
  return requestAsCode(whole.request, language, location.origin, remark, gone)
}

/** What may be changed of a task; lists and events show it. */
export interface LabelChanges {
  title?: string | null
  tags?: string[] | null
  favourite?: boolean
  hidden?: boolean
  kept?: boolean
}

/** Shown at once, and taken back where the server refuses. */
export async function label(card: Card, changes: LabelChanges): Promise<boolean> {
  const shown: Card = { ...card, ...changes, tags: changes.tags === undefined ? card.tags : (changes.tags ?? []) }
  tasks.put(shown)
  const answer = await tried(() => ask<LabelChanges>(`/v1/tasks/${card.id}`, { method: 'PATCH', body: changes }))
  const current = tasks.get(card.id) ?? shown
  if (answer) tasks.put({ ...current, title: answer.title ?? null, tags: answer.tags ?? [], favourite: !!answer.favourite, hidden: !!answer.hidden, kept: !!answer.kept })
  else tasks.put({ ...current, title: card.title, tags: card.tags, favourite: card.favourite, hidden: card.hidden, kept: card.kept })
  return answer !== undefined
}

interface ManyChanges {
  favourite?: boolean
  hidden?: boolean
  kept?: boolean
  add_tags?: string[]
  remove_tags?: string[]
}

/** The same of many tasks at once. */
export async function labelMany(cards: Card[], changes: ManyChanges): Promise<void> {
  type Told = { data: { id: string; changed: boolean; error: { code: string; message: string } | null }[] }
  const body = { task_ids: cards.map((card) => card.id), changes }
  const answer = await tried(() => ask<Told>('/v1/tasks/actions', { method: 'POST', body }))
  if (!answer) return
  const { add_tags: added = [], remove_tags: removed = [], ...marks } = changes
  for (const told of answer.data) {
    const card = tasks.get(told.id)
    if (!card || told.error) continue
    tasks.put({ ...card, ...marks, tags: [...new Set([...card.tags, ...added])].filter((tag) => !removed.includes(tag)) })
  }
  const refused = answer.data.filter((told) => told.error)
  if (refused[0]?.error) notices.show(t('actions.some_refused', { count: refused.length, why: refused[0].error.message }), 'bad', 12_000)
}

/** Out of the lists, or back; it can be undone for ever, and right away. */
export function hide(cards: Card[]): void {
  for (const card of cards) leaving.add(card.id)
  const back = (): void => cards.forEach((card) => leaving.delete(card.id))
  notices.withUndo(
    t('actions.hidden', { count: cards.length }),
    () => void labelMany(cards, { hidden: true }).finally(back),
    back,
  )
}

/** Result and pictures go once the time for an undo is over; the line in the ledger stays. */
export function remove(cards: Card[], then?: () => void): void {
  const ended = cards.filter((card) => !isLive(card))
  for (const card of ended) leaving.add(card.id)
  const back = (): void => ended.forEach((card) => leaving.delete(card.id))
  then?.()
  notices.withUndo(
    t('actions.deleted', { count: ended.length }),
    () => {
      for (const card of ended)
        void tried(async () => {
          await ask(`/v1/tasks/${card.id}/result`, { method: 'DELETE' })
          await ask(`/v1/tasks/${card.id}`, { method: 'PATCH', body: { hidden: true } })
          const current = tasks.get(card.id) ?? card
          tasks.put({ ...current, hidden: true, has_result: false, result_url: null, poster_url: null, strip_url: null, last_frame_url: null })
        }).finally(() => leaving.delete(card.id))
    },
    back,
  )
}

/** Stops a task that waits or runs; nothing is charged. */
export async function stop(card: Card): Promise<void> {
  await tried(async () => {
    try {
      await ask(`/v1/tasks/${card.id}/cancel`, { method: 'POST' })
    } catch (problem) {
      // It ended meanwhile: then it is shown as it is.
      if (!(problem instanceof ApiFailure) || problem.code !== 'task_not_cancellable') throw problem
      await tasks.one(card.id)
    }
  })
  tasks.queueChanged()
}

/** Puts a task that waits elsewhere among the account's own; those of others keep their turns. */
export async function move(card: Card, to: 'first' | 'last' | 'up' | 'down' | { before: string }): Promise<void> {
  const body = typeof to === 'string' ? { to } : to
  const queue = await tried(() => ask<Queue>(`/v1/tasks/${card.id}/move`, { method: 'POST', body }))
  if (queue) tasks.takeQueue(queue)
}

/** Cancels it, which costs nothing while it waits, and opens its request in Create, complete. */
export async function edit(card: Card): Promise<void> {
  if (isLive(card)) await stop(card)
  await remix(card, { keepSeed: true })
}

export async function copyReport(card: Card): Promise<void> {
  await copy([card.id, card.engine, card.error?.code, card.error?.message].filter(Boolean).join('\n'))
}

/** Shows a dialog of its own; it goes when it is closed. */
export async function show<P extends { onclose: () => void }>(
  load: () => Promise<{ default: Component<P> }>,
  props: Omit<P, 'onclose'>,
): Promise<void> {
  const { default: dialog } = await load()
  const made = mount(dialog as Component<Record<string, unknown>>, {
    target: document.body,
    props: { ...props, onclose: () => void unmount(made) },
  })
}
