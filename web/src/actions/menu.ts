import ArrowRightToLine from '@lucide/svelte/icons/arrow-right-to-line'
import Bookmark from '@lucide/svelte/icons/bookmark'
import CircleStop from '@lucide/svelte/icons/circle-stop'
import Code from '@lucide/svelte/icons/code'
import Copy from '@lucide/svelte/icons/copy'
import Download from '@lucide/svelte/icons/download'
import Eye from '@lucide/svelte/icons/eye'
import EyeOff from '@lucide/svelte/icons/eye-off'
import FastForward from '@lucide/svelte/icons/fast-forward'
import Film from '@lucide/svelte/icons/film'
import Image from '@lucide/svelte/icons/image'
import Pencil from '@lucide/svelte/icons/pencil'
import Repeat from '@lucide/svelte/icons/repeat'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import Shuffle from '@lucide/svelte/icons/shuffle'
import Sparkles from '@lucide/svelte/icons/sparkles'
import Star from '@lucide/svelte/icons/star'
import Tag from '@lucide/svelte/icons/tag'
import Trash from '@lucide/svelte/icons/trash-2'
import WandSparkles from '@lucide/svelte/icons/wand-sparkles'
import type { Card } from '../api/types'
import type { Shortcut } from '../keys'
import { copy } from '../parts/copy'
import type { MenuItem } from '../parts/Menu.svelte'
import { isLive } from '../state/tasks.svelte'
import { format, t } from '../words'
import * as perform from './perform'

export interface Around {
  /** The second of the clip that is shown, where one is. */
  at?: () => number
  /** What is done once the task is out of sight. */
  left?: () => void
}

/** Everything that can be done with a task, in the same order everywhere; what cannot be done says why. */
export function actionsFor(card: Card, around: Around = {}): MenuItem[] {
  const live = isLive(card)
  const gone = card.result_url ? undefined : live ? t('actions.not_ready') : t('actions.no_video')
  const still = card.last_frame_url || live ? undefined : t('actions.no_video')
  const price = format.credits(card.credits_used || card.credits_reserved)
  const at = around.at
  return [
    ...(live
      ? [
          { label: t('actions.stop'), icon: CircleStop, danger: true, run: () => perform.stop(card) },
          { label: t('actions.edit'), icon: Pencil, run: () => perform.edit(card) },
        ]
      : []),
    { label: t('actions.remix'), icon: Shuffle, hint: 'R', run: () => perform.remix(card), apart: live },
    { label: t('actions.again'), icon: Repeat, hint: `${price} · A`, run: () => perform.again(card) },
    { label: t('actions.exactly_again'), icon: RotateCcw, hint: price, run: () => perform.exactlyAgain(card) },
    { label: t('actions.for_real'), icon: Sparkles, run: () => forReal(card) },
    { label: t('actions.last_frame_first'), icon: ArrowRightToLine, hint: 'N', disabled: still, run: () => perform.lastFrameFirst(card), apart: true },
    ...(at
      ? [
          {
            label: t('actions.this_frame'),
            icon: Image,
            disabled: gone,
            items: [
              { label: t('actions.as_first_frame'), run: () => perform.useFrame(card, at(), 'first') },
              { label: t('actions.as_last_frame'), run: () => perform.useFrame(card, at(), 'last') },
              { label: t('actions.as_reference'), run: () => perform.useFrame(card, at(), 'reference') },
            ],
          },
        ]
      : []),
    { label: t('actions.extend'), icon: FastForward, hint: 'E', disabled: gone, run: () => perform.extend(card) },
    { label: t('actions.change_something'), icon: WandSparkles, disabled: gone, run: () => perform.changeSomething(card) },
    { label: t('actions.use_as_reference'), icon: Film, disabled: gone, run: () => perform.useAsReference(card) },
    { label: t('actions.download'), icon: Download, hint: 'D', disabled: gone, run: () => perform.saveClips([card]), apart: true },
    {
      label: t('actions.copy_what'),
      icon: Copy,
      items: [
        { label: t('actions.copy_link'), disabled: gone, run: () => perform.copyLink(card) },
        { label: t('actions.copy_prompt'), run: () => perform.copyPrompt(card) },
        { label: t('actions.copy_seed'), hint: String(card.seed), run: () => copy(String(card.seed)) },
        { label: t('actions.copy_id'), run: () => copy(card.id) },
        { label: t('actions.copy_json'), run: () => perform.copyRequest(card) },
        { label: 'curl', icon: Code, apart: true, run: () => perform.copyCode(card, 'curl') },
        { label: 'Python', icon: Code, run: () => perform.copyCode(card, 'python') },
        { label: 'JavaScript', icon: Code, run: () => perform.copyCode(card, 'javascript') },
        { label: t('actions.command_line'), icon: Code, run: () => perform.copyCode(card, 'cli') },
      ],
    },
    { label: t('actions.verify'), icon: ShieldCheck, disabled: gone, run: () => verify(card) },
    { label: t('actions.favourite'), icon: Star, hint: 'F', checked: card.favourite, run: () => perform.label(card, { favourite: !card.favourite }), apart: true },
    { label: t('actions.keep'), icon: Bookmark, checked: card.kept, disabled: card.kept ? undefined : gone, run: () => perform.label(card, { kept: !card.kept }) },
    { label: t('actions.title_and_tags'), icon: Tag, run: () => name(card) },
    card.hidden
      ? { label: t('actions.show_again'), icon: Eye, run: () => perform.label(card, { hidden: false }), apart: true }
      : { label: t('actions.hide'), icon: EyeOff, disabled: live ? t('actions.not_ready') : undefined, run: () => (perform.hide([card]), around.left?.()), apart: true },
    { label: t('actions.delete'), icon: Trash, danger: true, hint: t('actions.key_delete'), disabled: live ? t('actions.stop_first') : undefined, run: () => perform.remove([card], around.left) },
  ]
}

/** The keys of the task that has the focus; `card` gives it, undefined where there is none. */
export function keysFor(card: () => Card | undefined, around: Around = {}): Shortcut[] {
  const on = (act: (card: Card) => unknown): (() => void) => () => {
    const here = card()
    if (here) void act(here)
  }
  return [
    { name: 'f', title: 'actions.favourite', act: on((here) => perform.label(here, { favourite: !here.favourite })) },
    { name: 'r', title: 'actions.remix', act: on((here) => perform.remix(here)) },
    { name: 'a', title: 'actions.again', act: on((here) => perform.again(here)) },
    { name: 'n', title: 'actions.last_frame_first', act: on((here) => (here.last_frame_url ? perform.lastFrameFirst(here) : undefined)) },
    { name: 'e', title: 'actions.extend', act: on((here) => (here.result_url ? perform.extend(here) : undefined)) },
    { name: 'd', title: 'actions.download', act: on((here) => perform.saveClips([here])) },
    { name: 'Delete', title: 'actions.delete', act: on((here) => (isLive(here) ? undefined : perform.remove([here], around.left))) },
  ]
}

export function forReal(card: Card): Promise<void> {
  return perform.show(() => import('./ForReal.svelte'), { card })
}

export function verify(card: Card): Promise<void> {
  return perform.show(() => import('./Verify.svelte'), { card })
}

export function name(card: Card): Promise<void> {
  return perform.show(() => import('./Naming.svelte'), { cards: [card] })
}

export function nameMany(cards: Card[]): Promise<void> {
  return perform.show(() => import('./Naming.svelte'), { cards })
}
