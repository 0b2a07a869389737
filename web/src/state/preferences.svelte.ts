/** What a person likes on this machine: nothing of worth, and no secret. */
export interface Preferences {
  theme: 'dark' | 'light' | 'system'
  tileSize: 1 | 2 | 3
  shortcuts: boolean
  notices: boolean
  sound: boolean
  /** Credits above which the button asks once more; null: a tenth of what is left. */
  confirmAbove: number | null
  /** The prompt box is a plain text area. */
  plainText: boolean
  /** Knows that this server makes previews only. */
  knowsPreviews: boolean
}

const STANDARD: Preferences = {
  theme: 'dark',
  tileSize: 2,
  shortcuts: true,
  notices: false,
  sound: false,
  confirmAbove: null,
  plainText: false,
  knowsPreviews: false,
}

class PreferencesState {
  current = $state<Preferences>({ ...STANDARD, ...read() })

  set<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
    this.current[name] = value
    try {
      localStorage.setItem('preferences', JSON.stringify(this.current))
      localStorage.setItem('theme', this.current.theme)
    } catch {
      // Then it holds for this tab.
    }
    if (name === 'theme') applyTheme(this.current.theme)
  }
}

function read(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem('preferences') ?? '{}') as Partial<Preferences>
  } catch {
    return {}
  }
}

const light = matchMedia('(prefers-color-scheme: light)')

function applyTheme(theme: Preferences['theme']): void {
  document.documentElement.dataset.theme = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme
}

export const preferences = new PreferencesState()
light.addEventListener('change', () => applyTheme(preferences.current.theme))
