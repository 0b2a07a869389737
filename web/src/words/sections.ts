import type { Catalog } from './words.svelte'

/** A catalog of its files: each is a section, called as the file is. That none is missing is tested. */
export function sections(files: Record<string, unknown>): Omit<Catalog, 'admin'> {
  const named = Object.entries(files).map(([path, section]) => [path.replace(/^\.\/|\.json$/g, ''), section])
  return Object.fromEntries(named) as Omit<Catalog, 'admin'>
}
