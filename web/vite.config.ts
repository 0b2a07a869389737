import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { budgets } from './build/budgets.ts'
import { compressed } from './build/compressed.ts'
import { licences } from './build/licences.ts'
import { themeFirst } from './build/theme.ts'

// Where `npm run dev` finds the server.
const server = process.env.OPENDANCE_SERVER ?? 'http://127.0.0.1:8000'
const routes = ['/v1', '/api', '/studio', '/admin/v1', '/docs', '/openapi.json', '/healthz', '/readyz']

export default defineConfig({
  plugins: [svelte(), themeFirst(), licences(), compressed(), budgets()],
  build: {
    outDir: '../src/opendance/studio/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // nothing inline: the page's policy has no `data:`
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: Object.fromEntries(routes.map((route) => [route, { target: server, changeOrigin: true }])) },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
