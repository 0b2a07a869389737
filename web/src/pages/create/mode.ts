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

/** The two modes that are possible with these files, between which a switch stands; none where they leave no choice. */
export function choicesOf({ images, videos, audios }: Given): Mode[] {
  if (videos || audios || images > 2) return []
  return [images ? 'image-to-video' : 'text-to-video', 'reference-to-video']
}

/** What a press on one of them chooses: text is what no files are anyway. */
export const HANDS: Record<Mode, Hand> = { 'text-to-video': null, 'image-to-video': 'frames', 'reference-to-video': 'references' }

export function modelOf(mode: Mode, tier: Tier): string {
  return `seedance-2.0${tier === 'standard' ? '' : `-${tier}`}-${mode}`
}

/** The parts of a model's id; undefined where it is none of the nine. */
export function partsOf(model: string): { mode: Mode; tier: Tier } | undefined {
  const match = /^seedance-2\.0(?:-(fast|mini))?-(text-to-video|image-to-video|reference-to-video)$/.exec(model)
  return match ? { tier: (match[1] ?? 'standard') as Tier, mode: match[2] as Mode } : undefined
}

export const KINDS: MediaKind[] = ['image', 'video', 'audio']
