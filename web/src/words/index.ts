export * as format from './format'
export { known, t, words, LANGUAGES, preferred, type Key, type Language } from './words.svelte'
