import type { MediaKind, Ratio, Quality, Tier, VideoRequest } from '../api/types'
import { session } from './session.svelte'

/** A file that a video is made from. It is known by `id`, whatever its place in the list. */
export interface Asset {
  id: string
  kind: MediaKind
  name: string
  /** What goes into the request; empty while it is on its way. */
  url: string
  /** What is shown: of the file itself before it is uploaded. */
  preview: string
  /** Of a video that is at the server: where a picture of it is. */
  thumb: string
  size: number
  width: number | null
  height: number | null
  seconds: number | null
  fileId: string | null
  /** unix seconds; null: kept, or not known. */
  ends: number | null
  /** 0 to 1 while it is uploaded, 1 once it is there. */
  sent: number
  failure: { code: string; message: string } | null
}

/** A piece of the prompt: words, or a chip that stands for an asset. */
export type Piece = { text: string } | { asset: string }

export interface SettingsOfForm {
  tier: Tier
  duration: number
  ratio: Ratio
  quality: Quality
  sound: boolean
  takes: number
  /** null: a new one each time. */
  seed: number | null
  filter: boolean
  search: boolean
  callback: string
}

/** The whole form: what a draft keeps, and what Undo brings back. */
export interface Form {
  pieces: Piece[]
  assets: Asset[]
  settings: SettingsOfForm
  /** Chosen by hand; null: it follows from the assets. */
  mode: 'frames' | 'references' | null
}

export const STANDARD: SettingsOfForm = {
  tier: 'standard',
  duration: 5,
  ratio: '16:9',
  quality: '720p',
  sound: true,
  takes: 1,
  seed: null,
  filter: true,
  search: false,
  callback: '',
}

/** What other pages hand over to Create. It replaces or adds to the form there, and one Undo takes it back. */
export interface Handover {
  request?: VideoRequest
  /** Keeps the seed of `request`; otherwise a new one is made. */
  keepSeed?: boolean
  /** Names for the request's media, by address. */
  names?: Record<string, string>
  firstFrame?: { url: string; name: string }
  lastFrame?: { url: string; name: string }
  reference?: { kind: MediaKind; url: string; name: string; seconds?: number }
}

class CreateState {
  handover = $state.raw<Handover | undefined>(undefined)

  /** The whole request into the form, without its seed unless it is kept. Go to `/create` afterwards. */
  remix(request: VideoRequest, options: { keepSeed?: boolean; names?: Record<string, string> } = {}): void {
    this.handover = { request, ...options }
  }

  /** One picture, as first (or last) frame; prompt and settings stay. */
  setFirstFrame(url: string, name: string): void {
    this.handover = { firstFrame: { url, name } }
  }
  setLastFrame(url: string, name: string): void {
    this.handover = { lastFrame: { url, name } }
  }

  addReference(reference: NonNullable<Handover['reference']>): void {
    this.handover = { reference }
  }
}

export const create = new CreateState()

/** Drafts belong to an account: of another, nothing is shown. */
export function draftName(): string {
  return session.current?.account.id ?? ''
}
