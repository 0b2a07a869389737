import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const SCRIPT = new URL('../src/look/theme.js', import.meta.url)

/** Puts the script that sets the theme before everything else, as a file of its own: the policy allows nothing inline. */
export function themeFirst(): Plugin {
  const source = readFileSync(SCRIPT, 'utf8')
  const name = `assets/theme-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`
  let built = false
  return {
    name: 'theme-first',
    configResolved: (config) => void (built = config.command === 'build'),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source: source.replace(/^\/\/.*\n/gm, '') })
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: built ? `/${name}` : '/src/look/theme.js' }, injectTo: 'head-prepend' },
    ],
  }
}
