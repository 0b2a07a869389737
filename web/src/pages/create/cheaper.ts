import type { Quality, Tier } from '../../api/types'
import type { SettingsOfForm } from '../../state/create.svelte'

/** A change of the settings that makes a request affordable, and what it would cost. */
export interface Change {
  what: Partial<SettingsOfForm>
  credits: number
}

/**
 * The two changes that fit and give the least away, told from the prices.
 *
 * Args:
 *   cost: of one take as it stands. `have`: credits. `least`: the shortest video, s.
 *   price: credits a second of a tier and quality; undefined where there is none such.
 */
export function cheaper(
  settings: SettingsOfForm,
  cost: number,
  have: number,
  least: number,
  price: (tier: Tier, quality: Quality) => number | undefined,
): Change[] {
  const now = price(settings.tier, settings.quality)
  if (!now || !cost) return []
  const of = (what: Partial<SettingsOfForm>): Change => {
    const changed = { ...settings, ...what }
    const each = cost * ((price(changed.tier, changed.quality) ?? now) / now) * (changed.duration / settings.duration)
    return { what, credits: each * changed.takes }
  }
  const changes: Change[] = []
  if (settings.takes > 1) {
    const takes = Math.floor(have / cost)
    if (takes >= 1) changes.push(of({ takes }))
  }
  const duration = Math.floor((have / (cost * settings.takes)) * settings.duration)
  if (duration >= least && duration < settings.duration) changes.push(of({ duration }))
  const qualities: Quality[] = ['1080p', '720p', '480p']
  for (const quality of qualities.slice(qualities.indexOf(settings.quality) + 1))
    if (price(settings.tier, quality)) changes.push(of({ quality }))
  for (const tier of ['fast', 'mini'] as const)
    if (tier !== settings.tier && price(tier, settings.quality)) changes.push(of({ tier }))
  for (const quality of ['720p', '480p'] as const)
    if (price('mini', quality)) changes.push(of({ tier: 'mini', quality, duration: least, takes: 1 }))
  return changes.filter(({ credits }) => credits <= have + 1e-9).slice(0, 2)
}
