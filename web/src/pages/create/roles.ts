import type { MediaKind, Role } from '../../api/types'
import phrases from '../../roles.json'

type Language = 'en' | 'zh' | 'ko' | 'ja'
type Phrase = { kinds: string[] } & Record<Language, string>
const all = phrases as unknown as Record<Role, Phrase>

/** The roles that an asset of a kind can have. */
export function rolesOf(kind: MediaKind): Role[] {
  return (Object.keys(all) as Role[]).filter((role) => all[role].kinds.includes(kind))
}

/** What is written into the prompt for a role: the text before the chip and behind it. */
export function phraseOf(role: Role, language: string): [before: string, behind: string] {
  const phrase = all[role][language in all[role] ? (language as Language) : 'en']
  const [before = '', behind = ''] = phrase.split('{chip}')
  return [before, behind]
}
