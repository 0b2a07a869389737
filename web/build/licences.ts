import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/** Collects the licences of what is bundled into `assets/licences.txt`. */
export function licences(): Plugin {
  return {
    name: 'licences',
    apply: 'build',
    generateBundle(_, bundle) {
      const packages = new Map<string, string>()
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        for (const id of Object.keys(chunk.modules)) {
          const folder = packageOf(id)
          if (folder) packages.set(folder, licenceOf(folder))
        }
      }
      const source = [...packages.values()].sort().join(`\n\n${'-'.repeat(80)}\n\n`)
      this.emitFile({ type: 'asset', fileName: 'assets/licences.txt', source: `${source}\n` })
    },
  }
}

function packageOf(id: string): string | undefined {
  if (!id.includes('/node_modules/')) return undefined
  for (let folder = dirname(id); folder.includes('/node_modules/'); folder = dirname(folder)) {
    const described = join(folder, 'package.json')
    if (existsSync(described) && 'version' in JSON.parse(readFileSync(described, 'utf8'))) return folder
  }
  return undefined
}

/** Raises where a package brings no licence that could be handed on. */
function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  if (!license) throw new Error(`${name} ${version} names no licence`)
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : license}`
}
