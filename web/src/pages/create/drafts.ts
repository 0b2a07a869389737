import type { Asset, Piece, SettingsOfForm } from '../../state/create.svelte'
import type { Hand } from './mode'

/** What a draft keeps, with files that are not at the server yet. */
export interface Draft {
  pieces: Piece[]
  order: string[]
  assets: Asset[]
  files: [id: string, file: File][]
  settings: SettingsOfForm
  hand: Hand
}

const DATABASE = 'opendance-drafts'
const STORE = 'drafts'

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('no drafts'))
  })
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const database = await open()
    try {
      return await new Promise((resolve, reject) => {
        const request = work(database.transaction(STORE, mode).objectStore(STORE))
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('no drafts'))
      })
    } finally {
      database.close()
    }
  } catch {
    return undefined // a browser that keeps nothing: then there are no drafts
  }
}

/** An account's draft; each account has its own. */
export function readDraft(account: string): Promise<Draft | undefined> {
  return inStore<Draft>('readonly', (store) => store.get(account) as IDBRequest<Draft>)
}

export async function writeDraft(account: string, draft: Draft): Promise<void> {
  await inStore('readwrite', (store) => store.put(draft, account))
}

export async function dropDraft(account: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(account))
}
