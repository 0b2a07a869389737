import type { UsageReport } from '../../api/account'
import type { Bar } from '../../parts/Bars.svelte'
import { words } from '../../words'

/** A bar for each day from the first to the last, with what was used by model, key or state. */
export function barsOf(report: UsageReport, by: 'model' | 'key' | 'status'): { bars: Bar[]; parts: string[] } {
  const parts: string[] = []
  const byDay = new Map<string, Record<string, number>>()
  const last = Date.parse(report.until)
  for (let at = Date.parse(report.since); at <= last && byDay.size < 370; at += 86_400_000) byDay.set(new Date(at).toISOString().slice(0, 10), {})
  for (const row of report.data) {
    const part = String(row[by] ?? '')
    const credits = row.credits_used + row.credits_reserved
    if (credits && !parts.includes(part)) parts.push(part)
    const day = byDay.get(row.day ?? '')
    if (day) day[part] = (day[part] ?? 0) + credits
  }
  const label = new Intl.DateTimeFormat(words.tag, { day: 'numeric', month: byDay.size > 20 ? 'numeric' : 'short', timeZone: 'UTC' })
  return { bars: [...byDay].map(([at, all]) => ({ label: label.format(Date.parse(at)), parts: all })), parts: parts.sort() }
}
