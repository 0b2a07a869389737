import type { Verified } from '../api/library'

export interface Manifest {
  issuer?: string
  state?: string
  generator?: string
  problems?: string[]
  /** What we wrote about how it was made; empty in a manifest of others. */
  generation?: { engine?: string; model?: string; created?: string }
  watermark?: number | null
}

export type Verdict = 'ours' | 'changed' | 'stripped' | 'not_ours'

/** Whether we wrote the manifest. Another program that changes our video signs it anew: whole, and of a video that is not ours any more. */
export function isByUs(manifest: Manifest | null): boolean {
  return Object.keys(manifest?.generation ?? {}).length > 0
}

/** Whether the mark in the picture is the one that the manifest tells of, as far as both have one. */
export function agrees(report: Verified): boolean {
  const told = (report.manifest as Manifest | null)?.watermark
  const { number } = report.marks
  return number === null || told == null || parseInt(number, 16) === told
}

/** What it all comes to, in one word. */
export function verdictOf(report: Verified): Verdict {
  const manifest = report.manifest as Manifest | null
  if (!report.generated) return 'not_ours'
  if (!manifest) return 'stripped'
  return isByUs(manifest) && !manifest.problems?.length && agrees(report) ? 'ours' : 'changed'
}
