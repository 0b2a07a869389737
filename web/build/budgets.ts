import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** What a part may weigh, kB of gzip: its files without those that the shell loads anyway. */
const PAGES: [pattern: RegExp, limit: number][] = [
  [/pages\/Create\.svelte$/, 150],
  [/pages\/(Library|Viewer)\.svelte$/, 85],
  [/pages\/admin\/\w+\.svelte$/, 35],
  [/pages\/\w+\.svelte$/, 85],
  [/words\/\w+\/index\.ts$/, 14],
]
const SHELL = { script: 55, style: 12 }
const WHOLE = 1_500 // kB, all files and the .gz beside each

/** Fails the build where a part is heavier than it may be. */
export function budgets(): Plugin {
  let folder = ''
  return {
    name: 'budgets',
    apply: 'build',
    configResolved: (config) => void (folder = config.build.outDir),
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((each): each is Rollup.OutputChunk => each.type === 'chunk')
      const weigh = (files: Iterable<string>): number =>
        [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0) / 1000
      const entry = chunks.find((each) => each.isEntry)
      if (!entry) throw new Error('the build has no entry')
      const shell = filesOf(entry, bundle)
      const lines: string[] = []
      const over: string[] = []
      const hold = (name: string, weight: number, limit: number): void => {
        const line = `${name}: ${weight.toFixed(1)} of ${limit} kB`
        lines.push(line)
        if (weight > limit) over.push(line)
      }
      hold('shell, scripts', weigh([...shell].filter((file) => file.endsWith('.js'))), SHELL.script)
      hold('shell, styles', weigh([...shell].filter((file) => file.endsWith('.css'))), SHELL.style)
      for (const chunk of chunks) {
        const source = chunk.facadeModuleId ?? ''
        const limit = PAGES.find(([pattern]) => pattern.test(source))?.[1]
        if (limit === undefined) continue
        const files = filesOf(chunk, bundle, source.includes('/pages/'))
        hold(source.split('/src/')[1] ?? source, weigh([...files].filter((file) => !shell.has(file))), limit)
      }
      const all = Object.keys(bundle)
      hold('all', all.reduce((sum, file) => sum + readFileSync(join(folder, file)).length / 1000, weigh(all)), WHOLE)
      console.log(lines.map((line) => `  ${line}`).join('\n'))
      if (over.length) throw new Error(`over their budget (web/build/budgets.ts): ${over.join('; ')}`)
    },
  }
}

/** The files that come with a chunk: what it imports and its styles; with `later`, also what it loads by itself. */
function filesOf(chunk: Rollup.OutputChunk, bundle: Rollup.OutputBundle, later = false): Set<string> {
  const files = new Set<string>()
  const add = (name: string): void => {
    const each = bundle[name]
    if (files.has(name) || each?.type !== 'chunk') return
    files.add(name)
    for (const style of each.viteMetadata?.importedCss ?? []) files.add(style)
    for (const next of [...each.imports, ...(later ? each.dynamicImports.filter(notAPage(bundle)) : [])]) add(next)
  }
  add(chunk.fileName)
  return files
}

function notAPage(bundle: Rollup.OutputBundle): (name: string) => boolean {
  return (name) => {
    const each = bundle[name]
    return each?.type === 'chunk' && !/\/src\/(pages\/[\w/]+\.svelte|words\/)/.test(each.facadeModuleId ?? '')
  }
}
