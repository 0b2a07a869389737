import type { Component } from 'svelte'
import { words, type Key } from '../words'

/** A page: where it stands, what it is called, and its module, which is fetched when it is opened or when idle. */
export interface PageEntry {
  path: RegExp
  title: Key
  load: () => Promise<{ default: Component }>
  admin?: boolean
}

const admin: [name: string, load: PageEntry['load'], title: Key][] = [
  ['', () => import('./admin/Overview.svelte'), 'shell.admin_overview'],
  ['/accounts', () => import('./admin/Accounts.svelte'), 'shell.admin_accounts'],
  ['/groups', () => import('./admin/Groups.svelte'), 'shell.admin_groups'],
  ['/keys', () => import('./admin/Keys.svelte'), 'shell.admin_keys'],
  ['/tasks', () => import('./admin/Tasks.svelte'), 'shell.admin_tasks'],
  ['/queue', () => import('./admin/Queue.svelte'), 'shell.admin_queue'],
  ['/engines', () => import('./admin/Engines.svelte'), 'shell.admin_engines'],
  ['/callbacks', () => import('./admin/Callbacks.svelte'), 'shell.admin_callbacks'],
  ['/audit', () => import('./admin/Audit.svelte'), 'shell.admin_audit'],
  ['/server', () => import('./admin/Server.svelte'), 'shell.admin_server'],
]

export const pages: PageEntry[] = [
  { path: /^\/(create)?$/, title: 'shell.create', load: () => import('./Create.svelte') },
  { path: /^\/queue$/, title: 'shell.queue', load: () => import('./Queue.svelte') },
  { path: /^\/library$/, title: 'shell.library', load: () => import('./Library.svelte') },
  { path: /^\/library\/[^/]+$/, title: 'shell.library', load: () => import('./Viewer.svelte') },
  { path: /^\/files$/, title: 'shell.files', load: () => import('./Files.svelte') },
  { path: /^\/usage$/, title: 'shell.usage', load: () => import('./Usage.svelte') },
  { path: /^\/keys$/, title: 'shell.keys', load: () => import('./Keys.svelte') },
  { path: /^\/callbacks$/, title: 'shell.callbacks', load: () => import('./Callbacks.svelte') },
  { path: /^\/settings$/, title: 'shell.settings', load: () => import('./Settings.svelte') },
  ...admin.map(([name, load, title]) => ({
    path: new RegExp(`^/admin${name}$`),
    load: () => Promise.all([load(), words.withAdmin()]).then(([page]) => page),
    title,
    admin: true,
  })),
]

export function pageAt(path: string): PageEntry | undefined {
  return pages.find((page) => page.path.test(path))
}
