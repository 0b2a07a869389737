import type { Quality, Tier, Usage } from '../../api/types'
import type { SettingsOfForm } from '../../state/create.svelte'

/** A change of the settings, and what the videos would cost with it. */
export interface Change {
  what: Partial<SettingsOfForm>
  credits: number
}

/** What one may do about credits that are not enough. */
export interface Cheaper {
  /** The two changes that fit and give the least away; fewer where fewer fit. */
  changes: Change[]
  /** Credits of the cheapest video that there is. */
  least: number
}

const QUALITIES: readonly Quality[] = ['1080p', '720p', '480p']
const TIERS: readonly Tier[] = ['standard', 'fast', 'mini']

/**
 * Told from the prices; undefined where they are not known. Few settings that change give less away than many, and of as many the dearest.
 *
 * Args:
 *   usage: price of one take as it stands. `have`: credits. `least`: the shortest video, s.
 *   price: credits a second of a tier and quality; undefined where there is none such.
 */
export function cheaper(
  settings: SettingsOfForm,
  usage: Pick<Usage, 'credits_reserved' | 'lines'>,
  have: number,
  least: number,
  price: (tier: Tier, quality: Quality) => number | undefined,
): Cheaper | undefined {
  const cost = usage.credits_reserved
  const now = price(settings.tier, settings.quality)
  if (!now || !cost) return undefined
  // Seconds of films that are given count like those that are made; factors are on everything.
  const sum = (item: string, what: 'quantity' | 'credits'): number =>
    usage.lines.reduce((all, line) => all + (line.item === item ? line[what] : 0), 0)
  const given = sum('input_video', 'quantity')
  const searches = sum('web_search', 'credits')
  const factor = cost / (now * (settings.duration + given) + searches)
  const fitting: Change[] = []
  let lowest = cost
  for (const tier of TIERS.slice(TIERS.indexOf(settings.tier)))
    for (const quality of QUALITIES.slice(QUALITIES.indexOf(settings.quality))) {
      const each = price(tier, quality)
      if (!each) continue
      const costs = (duration: number): number => factor * (each * (duration + given) + searches)
      lowest = Math.min(lowest, costs(least))
      for (const takes of new Set([settings.takes, Math.floor(have / costs(settings.duration)), 1])) {
        if (takes < 1 || takes > settings.takes) continue
        // As long as it is, else as long as it can be.
        const longest = (have / takes / factor - searches) / each - given
        const duration = Math.min(settings.duration, Math.floor(longest + 1e-9))
        if (duration < least) continue
        const chosen = { tier, quality, duration, takes }
        const what = Object.fromEntries(Object.entries(chosen).filter(([name, value]) => settings[name as keyof typeof chosen] !== value))
        fitting.push({ what, credits: costs(duration) * takes })
      }
    }
  const size = ({ what }: Change): number => Object.keys(what).length
  fitting.sort((a, b) => size(a) - size(b) || b.credits - a.credits)
  return { changes: fitting.filter((each) => size(each) > 0).slice(0, 2), least: lowest }
}
