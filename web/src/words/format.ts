import { words } from './words.svelte'

const made = new Map<string, unknown>()

function once<T>(name: string, make: (tag: string) => T): T {
  const key = `${words.tag} ${name}`
  if (!made.has(key)) made.set(key, make(words.tag))
  return made.get(key) as T
}

/** `67.5`, as the language writes it; at most four digits behind the point, as prices have. */
export function credits(amount: number): string {
  return once('credits', (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 4 })).format(amount)
}

export function number(value: number, digits = 0): string {
  return once(`number${digits}`, (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits })).format(value)
}

export function percent(share: number): string {
  return once('percent', (tag) => new Intl.NumberFormat(tag, { style: 'percent' })).format(share)
}

/** `14:32`; unix seconds. */
export function clock(at: number): string {
  return once('clock', (tag) => new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hour12: false })).format(at * 1000)
}

/** `3 May 2026, 14:32`; unix seconds. */
export function moment(at: number): string {
  return once('moment', (tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' })).format(at * 1000)
}

export function day(at: number): string {
  return once('day', (tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium' })).format(at * 1000)
}

/** `Tue 14:00` within a week, else `3 May`; unix seconds. */
export function soon(at: number): string {
  const far = Math.abs(at * 1000 - Date.now()) > 6 * 86_400_000
  const form: Intl.DateTimeFormatOptions = far
    ? { day: 'numeric', month: 'short' }
    : { weekday: 'short', hour: '2-digit', minute: '2-digit', hour12: false }
  return once(`soon${far}`, (tag) => new Intl.DateTimeFormat(tag, form)).format(at * 1000)
}

/** `5 minutes ago`, `in 2 hours`; seconds from now. */
export function relative(seconds: number): string {
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ]
  const [unit, size] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1]
  return once('relative', (tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })).format(Math.round(seconds / size), unit)
}

/** As short as the language has it: `5s`, `5秒`, `5초`. */
function secondsIn(tag: string): 'narrow' | 'short' {
  return tag === 'ja' ? 'short' : 'narrow'
}

/** `40s`, `3 min`, `2 h`, in steps that people think in. */
export function span(seconds: number): string {
  const [value, unit] =
    seconds < 10
      ? [Math.max(1, Math.round(seconds)), 'second']
      : seconds < 60
        ? [Math.ceil(seconds / 10) * 10, 'second']
        : seconds < 5_400
          ? [Math.ceil(seconds / 60), 'minute']
          : [Math.round(seconds / 3_600), 'hour']
  return once(`span${unit}`, (tag) => new Intl.NumberFormat(tag, { style: 'unit', unit: `${unit}`, unitDisplay: unit === 'second' ? secondsIn(tag) : 'short' })).format(
    Number(value),
  )
}

/** `1.5s`: exact seconds. */
export function exactSeconds(seconds: number, digits = 1): string {
  return once(
    `seconds${digits}`,
    (tag) => new Intl.NumberFormat(tag, { style: 'unit', unit: 'second', unitDisplay: secondsIn(tag), maximumFractionDigits: digits }),
  ).format(seconds)
}

/** `3.2 MB`. */
export function bytes(size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  const step = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3))
  return once(
    `bytes${step}`,
    (tag) => new Intl.NumberFormat(tag, { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: 1 }),
  ).format(size / 1000 ** step)
}

export function list(items: string[], kind: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return once(`list${kind}`, (tag) => new Intl.ListFormat(tag, { type: kind })).format(items)
}

/** `0:05`. */
export function length(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`
}
