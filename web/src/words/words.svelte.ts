/**
 * The words of the page: one catalog is loaded at a time, and English gives the types.
 *
 * A message is a text with `{name}` places, or its plural forms: `{ "one": "{count} file", "other": "{count} files" }`,
 * of which `count` chooses.
 */
type English = typeof import('./en').default & { admin: typeof import('./en/admin.json') }
type Forms = { other: string; zero?: string; one?: string; two?: string; few?: string; many?: string }
export type Catalog = { [S in keyof English]: { [K in keyof English[S]]: English[S][K] extends string ? string : Forms } }
export type Key = { [S in keyof English]: `${S & string}.${keyof English[S] & string}` }[keyof English]
export type Language = 'en' | 'zh' | 'ko' | 'ja'
export type Params = Record<string, string | number>

export const LANGUAGES: Record<Language, { name: string; tag: string }> = {
  en: { name: 'English', tag: 'en' },
  zh: { name: '简体中文', tag: 'zh-Hans' },
  ko: { name: '한국어', tag: 'ko' },
  ja: { name: '日本語', tag: 'ja' },
}

const catalogs: Record<Language, () => Promise<{ default: Omit<Catalog, 'admin'> }>> = {
  en: () => import('./en'),
  zh: () => import('./zh'),
  ko: () => import('./ko'),
  ja: () => import('./ja'),
}

/** What only the operator reads is fetched with the first of the operator's pages. */
const ofAdmin: Record<Language, () => Promise<{ default: Catalog['admin'] }>> = {
  en: () => import('./en/admin.json'),
  zh: () => import('./zh/admin.json'),
  ko: () => import('./ko/admin.json'),
  ja: () => import('./ja/admin.json'),
}

class Words {
  #withAdmin = false
  language = $state<Language>('en')
  catalog = $state.raw<Catalog | undefined>(undefined)

  /** The language's tag, for `lang` and for `Intl`. */
  get tag(): string {
    return LANGUAGES[this.language].tag
  }

  async use(language: Language): Promise<void> {
    const [{ default: words }, admin] = await Promise.all([catalogs[language](), this.#withAdmin ? ofAdmin[language]() : undefined])
    this.catalog = { ...words, admin: admin?.default } as Catalog
    this.language = language
    document.documentElement.lang = this.tag
    try {
      localStorage.setItem('language', language)
    } catch {
      // Without storage the browser's language is used the next time.
    }
  }

  /** Has the operator's words too, from now on. */
  async withAdmin(): Promise<void> {
    if (this.#withAdmin) return
    this.#withAdmin = true
    const { default: admin } = await ofAdmin[this.language]()
    this.catalog = { ...this.catalog, admin } as Catalog
  }
}

export const words = new Words()

/** The language that was chosen, else the first of the browser's that there is. */
export function preferred(): Language {
  const asked = [stored(), ...navigator.languages.map((each) => each.slice(0, 2))]
  return asked.find((each): each is Language => !!each && each in LANGUAGES) ?? 'en'
}

function stored(): string | null {
  try {
    return localStorage.getItem('language')
  } catch {
    return null
  }
}

/** A message in the page's language. Numbers are written as the language writes them. */
export function t(key: Key, params: Params = {}): string {
  return written(messageOf(key), params) ?? key
}

/** The same for a key that is made of a code of the server; undefined where the catalog does not know it. */
export function known(key: string, params: Params = {}): string | undefined {
  return written(messageOf(key), params)
}

function messageOf(key: string): string | Forms | undefined {
  const dot = key.indexOf('.')
  const section = (words.catalog as Record<string, Record<string, string | Forms>> | undefined)?.[key.slice(0, dot)]
  return section?.[key.slice(dot + 1)]
}

function written(message: string | Forms | undefined, params: Params): string | undefined {
  if (message === undefined) return undefined
  let text: string
  if (typeof message === 'string') text = message
  else text = message[plural(Number(params['count'] ?? 0))] ?? message.other
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name]
    if (value === undefined) return place
    return typeof value === 'number' ? numbers(words.tag).format(value) : value
  })
}

function plural(count: number): keyof Forms {
  return plurals(words.tag).select(count)
}

// To make one takes longer than all else that a message needs.
const numbers = perTag((tag) => new Intl.NumberFormat(tag))
const plurals = perTag((tag) => new Intl.PluralRules(tag))

function perTag<T>(make: (tag: string) => T): (tag: string) => T {
  const made = new Map<string, T>()
  return (tag) => {
    const one = made.get(tag) ?? make(tag)
    made.set(tag, one)
    return one
  }
}
