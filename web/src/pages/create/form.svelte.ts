import { SvelteMap } from 'svelte/reactivity'
import type { MediaKind, Mode, VideoRequest } from '../../api/types'
import { STANDARD, type Asset, type Piece, type SettingsOfForm } from '../../state/create.svelte'
import { choicesOf, HANDS, modelOf, modeOf, partsOf, type Given, type Hand } from './mode'
import { recognise, tidy, wire, type Named, type Placed } from './prompt'
import { stable } from './stable'

/** What Undo goes back to. Assets are kept by id, so one that was removed comes back as it is by now. */
interface Snapshot {
  pieces: Piece[]
  order: string[]
  settings: SettingsOfForm
  hand: Hand
}

/** What the last press did: strokes of the keyboard in a row are one step of Undo. */
type Step = 'typing' | 'settings' | 'assets' | 'whole'

const TOGETHER = 800 // ms between two strokes of one step
const MOST = 200 // steps

/** The composer's form: the prompt with its chips, the assets, the settings; and one history of all of it. */
export class Form {
  pieces = $state.raw<Piece[]>([])
  order = $state.raw<string[]>([])
  settings = $state.raw<SettingsOfForm>({ ...STANDARD })
  hand = $state.raw<Hand>(null)
  /** Every asset that was in the form, also those that were removed: Undo brings them back. */
  assets = new SvelteMap<string, Asset>()
  /** Of the prompt, as the last check told it. */
  language = $state('en')
  /** Goes up when the prompt was changed from outside the box. */
  outside = $state(0)

  /** Takes over what was typed in the last moment; whoever goes by the text, or changes something else, asks for it. */
  settle: () => void = () => {}

  #past: Snapshot[] = $state.raw([])
  #future: Snapshot[] = $state.raw([])
  #lastStep: Step | undefined
  #lastTime = 0

  /** The assets that are there, in order. */
  list = $derived(this.order.map((id) => this.assets.get(id)).filter((each): each is Asset => !!each))
  /** What each is called: by kind, from 1. */
  names = $derived.by(() => {
    const names = new Map<string, Named>()
    const counts = { image: 0, video: 0, audio: 0 }
    for (const { id, kind } of this.list) names.set(id, { kind, number: ++counts[kind] })
    return names
  })
  chips = $derived.by(stable(() => this.pieces.flatMap((piece) => ('asset' in piece ? [piece.asset] : []))))
  /** Chips whose asset is gone: nothing is sent while there are any. */
  lost = $derived(this.chips.filter((id) => !this.names.has(id)))
  given: Given = $derived.by(
    stable(() => {
      const of = (kind: MediaKind): number => this.list.filter((each) => each.kind === kind).length
      return { images: of('image'), videos: of('video'), audios: of('audio'), hasChip: this.chips.some((id) => this.names.has(id)) }
    }),
  )
  mode: Mode = $derived(modeOf(this.given, this.hand))
  choices = $derived(choicesOf(this.given))
  model = $derived(modelOf(this.mode, this.settings.tier))
  sent: { text: string; places: Placed[] } = $derived(wire(this.pieces, (id) => this.names.get(id), this.language))
  isEmpty = $derived(!this.pieces.length && !this.order.length)
  isUploading = $derived(this.list.some((each) => each.sent < 1 && !each.failure))
  canUndo = $derived(this.#past.length > 0)
  canRedo = $derived(this.#future.length > 0)

  /** The request as it stands. Files on their way have an address that nothing is fetched from. */
  request: VideoRequest = $derived.by(() => {
    const urls = (kind: MediaKind): string[] =>
      this.list.filter((each) => each.kind === kind).map(({ id, url }) => url || `https://upload.invalid/${id}`)
    const { settings, mode } = this
    const request: VideoRequest = {
      model: this.model,
      prompt: this.sent.text,
      duration: settings.duration,
      quality: settings.quality,
      aspect_ratio: settings.ratio,
      generate_audio: settings.sound,
      content_filter: settings.filter,
    }
    if (this.given.images) request.image_urls = urls('image')
    if (this.given.videos) request.video_urls = urls('video')
    if (this.given.audios) request.audio_urls = urls('audio')
    if (settings.callback.trim()) request.callback_url = settings.callback.trim()
    const search = settings.search && mode === 'text-to-video' && settings.tier !== 'mini'
    if (search || settings.seed !== null)
      request.model_params = { ...(search && { web_search: true }), ...(settings.seed !== null && { seed: settings.seed }) }
    return request
  })

  /** What the box tells: the prompt was typed in. */
  type(pieces: Piece[]): void {
    this.#step('typing')
    this.pieces = tidy(pieces)
  }

  /** The prompt is changed by something else than the box. */
  write(pieces: Piece[]): void {
    this.#step('whole')
    this.pieces = tidy(pieces)
    this.outside++
  }

  set<K extends keyof SettingsOfForm>(name: K, value: SettingsOfForm[K]): void {
    if (this.settings[name] === value) return
    this.#step('settings')
    this.settings = { ...this.settings, [name]: value }
  }

  choose(mode: Mode): void {
    this.#step('settings')
    this.hand = HANDS[mode]
  }

  /** Args: hand: what they are chosen for, where they were. */
  add(assets: Asset[], hand: Hand = null): void {
    if (!assets.length) return
    this.#step('assets')
    for (const asset of assets) this.assets.set(asset.id, asset)
    this.#reorder([...this.order, ...assets.map(({ id }) => id)])
    if (hand && this.choices.length) this.hand = hand
  }

  remove(id: string): void {
    this.#step('assets')
    this.#reorder(this.order.filter((each) => each !== id))
  }

  /** One place on or back among those of its kind; `by` may be more. */
  move(id: string, by: number): void {
    const from = this.order.indexOf(id)
    const to = Math.max(0, Math.min(this.order.length - 1, from + by))
    if (from < 0 || from === to) return
    this.#step('assets')
    const order = this.order.filter((each) => each !== id)
    order.splice(to, 0, id)
    this.order = order
  }

  swap(): void {
    this.#step('assets')
    this.order = [...this.order].reverse()
  }

  /** What is known of an asset by now; no step of Undo. */
  learn(id: string, what: Partial<Asset>): void {
    const asset = this.assets.get(id)
    if (asset) this.assets.set(id, { ...asset, ...what })
  }

  /** Chips of one asset name another from now on. */
  rename(from: string, to: string): void {
    this.write(this.pieces.map((piece) => ('asset' in piece && piece.asset === from ? { asset: to } : piece)))
  }

  dropLost(): void {
    this.write(this.pieces.filter((piece) => !('asset' in piece) || this.names.has(piece.asset)))
  }

  clear(): void {
    this.#step('whole')
    this.pieces = []
    this.order = []
    this.hand = null
    this.settings = { ...STANDARD, tier: this.settings.tier, callback: this.settings.callback }
    this.outside++
  }

  /** Replaces everything. */
  fill(snapshot: Partial<Snapshot>, assets: Asset[] = []): void {
    this.#step('whole')
    for (const asset of assets) this.assets.set(asset.id, asset)
    this.order = snapshot.order ?? assets.map(({ id }) => id)
    this.pieces = tidy(snapshot.pieces ?? [])
    this.settings = { ...STANDARD, ...snapshot.settings }
    this.hand = snapshot.hand ?? null
    this.outside++
  }

  /** A whole request, with what its media are called. */
  fillFrom(request: VideoRequest, assets: Asset[], keepSeed: boolean): void {
    const parts = partsOf(request.model)
    const counts = { image: 0, video: 0, audio: 0 }
    const byName = new Map(assets.map(({ id, kind }) => [`${kind}${++counts[kind]}`, id]))
    this.fill(
      {
        pieces: recognise(request.prompt, ({ kind, number }) => byName.get(`${kind}${number}`)),
        settings: {
          tier: parts?.tier ?? 'standard',
          duration: request.duration ?? STANDARD.duration,
          ratio: request.aspect_ratio ?? STANDARD.ratio,
          quality: request.quality ?? STANDARD.quality,
          sound: request.generate_audio ?? true,
          filter: request.content_filter ?? true,
          search: request.model_params?.web_search ?? false,
          callback: request.callback_url ?? '',
          seed: keepSeed ? (request.model_params?.seed ?? null) : null,
          takes: 1,
        },
        hand: parts ? HANDS[parts.mode] : null,
      },
      assets,
    )
  }

  assetOf = ({ kind, number }: Named): string | undefined => {
    for (const [id, name] of this.names) if (name.kind === kind && name.number === number) return id
    return undefined
  }

  undo(): void {
    this.settle()
    this.#go(this.#past, this.#future)
  }

  redo(): void {
    this.settle()
    this.#go(this.#future, this.#past)
  }

  #go(from: Snapshot[], to: Snapshot[]): void {
    const snapshot = from.at(-1)
    if (!snapshot) return
    const isBack = from === this.#past
    const [rest, other] = [from.slice(0, -1), [...to, this.#now()]]
    this.#past = isBack ? rest : other
    this.#future = isBack ? other : rest
    Object.assign(this, { pieces: snapshot.pieces, order: snapshot.order, settings: snapshot.settings, hand: snapshot.hand })
    this.#lastStep = undefined
    this.outside++
  }

  /** A choice by hand holds until the assets change in kind. */
  #reorder(order: string[]): void {
    const kinds = (ids: string[]): string => [...new Set(ids.map((id) => this.assets.get(id)?.kind))].sort().join()
    if (kinds(order) !== kinds(this.order)) this.hand = null
    this.order = order
  }

  #now(): Snapshot {
    return { pieces: this.pieces, order: this.order, settings: this.settings, hand: this.hand }
  }

  #step(step: Step): void {
    if (step !== 'typing') this.settle()
    const time = Date.now()
    const goesOn = step === this.#lastStep && step !== 'whole' && step !== 'assets' && time - this.#lastTime < TOGETHER
    if (!goesOn) this.#past = [...this.#past.slice(1 - MOST), this.#now()]
    if (this.#future.length) this.#future = []
    this.#lastStep = step
    this.#lastTime = time
  }
}
