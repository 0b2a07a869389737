import type { MediaKind, Mode, Tier } from '../../api/types'

export interface Given {
  images: number
  videos: number
  audios: number
  /** Whether the prompt names an asset that is there. */
  hasChip: boolean
}

/** Chosen by hand, where there is a choice. */
export type Hand = 'frames' | 'references' | null

/** What was given decides what is made of it: one or two pictures alone that no words name are frames. */
export function modeOf(given: Given, hand: Hand): Mode {
  const { images, videos, audios, hasChip } = given
  if (videos || audios || images > 2) return 'reference-to-video'
  if (!images) return hand === 'references' ? 'reference-to-video' : 'text-to-video'
  if (hand) return hand === 'frames' ? 'image-to-video' : 'reference-to-video'
  return hasChip ? 'reference-to-video' : 'image-to-video'
}

/** Whether frames and references are both possible, so that a switch stands beside the pictures. */
export function hasChoice({ images, videos, audios }: Given): boolean {
  return !videos && !audios && images >= 1 && images <= 2
}

export function modelOf(mode: Mode, tier: Tier): string {
  return `seedance-2.0${tier === 'standard' ? '' : `-${tier}`}-${mode}`
}

/** The parts of a model's id; undefined where it is none of the nine. */
export function partsOf(model: string): { mode: Mode; tier: Tier } | undefined {
  const match = /^seedance-2\.0(?:-(fast|mini))?-(text-to-video|image-to-video|reference-to-video)$/.exec(model)
  return match ? { tier: (match[1] ?? 'standard') as Tier, mode: match[2] as Mode } : undefined
}

export const KINDS: MediaKind[] = ['image', 'video', 'audio']
