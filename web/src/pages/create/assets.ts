import { ask } from '../../api/client'
import { alreadyThere } from '../../api/files'
import type { MediaKind, UploadedFile } from '../../api/types'
import type { Asset } from '../../state/create.svelte'
import { session } from '../../state/session.svelte'
import { hooks } from '../../api/client'
import { known, t } from '../../words'

/** The part of the form that uploads change. */
interface Kept {
  learn(id: string, what: Partial<Asset>): void
}

const AT_ONCE = 3
const TAKEN = /^(image\/(jpeg|png|gif|webp)|video\/|audio\/)/
const BY_NAME: [RegExp, string][] = [
  [/\.(jpe?g)$/i, 'image/jpeg'],
  [/\.png$/i, 'image/png'],
  [/\.gif$/i, 'image/gif'],
  [/\.webp$/i, 'image/webp'],
  [/\.(heic|heif)$/i, 'image/heic'],
  [/\.avif$/i, 'image/avif'],
  [/\.(mp4|mov|m4v|webm|mkv)$/i, 'video/mp4'],
  [/\.(mp3|wav|m4a|aac|flac|ogg|opus)$/i, 'audio/mpeg'],
]

/** What a file is, by its type or its name; undefined where it is neither picture nor film nor sound. */
export function kindOf(file: File): MediaKind | undefined {
  const kind = typeOf(file).split('/')[0]
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : undefined
}

function typeOf(file: File): string {
  return file.type || BY_NAME.find(([name]) => name.test(file.name))?.[1] || ''
}

/**
 * A file that the server takes: other pictures become JPEG where the browser can read them.
 *
 * Raises: Error, in words, where it cannot.
 */
export async function prepared(file: File): Promise<File> {
  const type = typeOf(file)
  if (TAKEN.test(type)) return file
  try {
    const bitmap = await createImageBitmap(file)
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    bitmap.close()
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })
    return new File([blob], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' })
  } catch {
    throw new Error(t('create.picture_not_read', { name: file.name, type: type.split('/')[1]?.toUpperCase() || '?' }))
  }
}

export function newAsset(kind: MediaKind, what: Partial<Asset>): Asset {
  return {
    id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
    kind,
    name: '',
    url: '',
    preview: '',
    thumb: '',
    size: 0,
    width: null,
    height: null,
    seconds: null,
    fileId: null,
    ends: null,
    sent: 0,
    failure: null,
    ...what,
  }
}

/** An asset of what the server has already. */
export function assetOf(kind: MediaKind, url: string, name: string, preview: string, seconds: number | null = null): Asset {
  return newAsset(kind, { url, name, preview, seconds, sent: 1 })
}

/** What the server measured of an upload. */
export function learned(file: UploadedFile): Partial<Asset> {
  const { media } = file
  return {
    url: file.file_url,
    fileId: file.file_id,
    // A picture is shown as it is.
    thumb: file.mime_type.startsWith('video/') ? (file.thumb_url ?? '') : '',
    size: file.file_size,
    width: media?.width ?? null,
    height: media?.height ?? null,
    seconds: media?.seconds ?? null,
    ends: file.kept || !file.expires_at ? null : Date.parse(file.expires_at) / 1000,
    sent: 1,
    failure: null,
  }
}

/** Files on their way, three side by side. */
export class Uploads {
  #waiting: { id: string; file: File }[] = []
  /** Not sent yet: whether it is at the server already is being asked. */
  #running = new Map<string, XMLHttpRequest | null>()
  /** What is not at the server yet: drafts keep it. */
  readonly files = new Map<string, File>()

  /** Args: arrived: gets each file that is at the server. */
  constructor(
    private readonly form: Kept,
    private readonly arrived: (id: string, file: UploadedFile) => void,
  ) {}

  add(id: string, file: File): void {
    this.files.set(id, file)
    this.form.learn(id, { sent: 0, failure: null })
    this.#waiting.push({ id, file })
    this.#next()
  }

  cancel(id: string): void {
    this.#waiting = this.#waiting.filter((each) => each.id !== id)
    this.#running.get(id)?.abort()
    this.#running.delete(id)
    this.#next()
  }

  retry(id: string): void {
    const file = this.files.get(id)
    if (file) this.add(id, file)
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#running.set(next.id, null)
      void this.#begin(next.id, next.file)
    }
  }

  async #begin(id: string, file: File): Promise<void> {
    const same = await alreadyThere(file)
    if (!this.#running.has(id)) return
    if (!same) return this.#send(id, file)
    this.#arrive(id, same)
    this.#running.delete(id)
    this.#next()
  }

  #arrive(id: string, file: UploadedFile): void {
    this.files.delete(id)
    this.form.learn(id, learned(file))
    this.arrived(id, file)
  }

  #send(id: string, file: File): void {
    const request = new XMLHttpRequest()
    this.#running.set(id, request)
    request.open('POST', '/api/v1/files/upload/stream')
    request.setRequestHeader('X-Opendance-CSRF', hooks.csrf)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => this.form.learn(id, { sent: Math.min(0.98, loaded / (total || 1)) })
    const over = (): void => {
      this.#running.delete(id)
      this.#next()
    }
    request.onload = () => {
      const answer = request.response as { data?: UploadedFile; error?: { code: string; message: string } } | null
      if (request.status === 200 && answer?.data) {
        this.#arrive(id, answer.data)
      } else {
        if (request.status === 401) hooks.ended()
        const code = answer?.error?.code ?? 'unknown_error'
        this.form.learn(id, { failure: { code, message: uploadFailure(code) ?? answer?.error?.message ?? String(request.status) } })
      }
      over()
    }
    request.onerror = () => {
      this.form.learn(id, { failure: { code: 'no_answer', message: t('create.upload_lost') } })
      over()
    }
    const body = new FormData()
    body.set('file', file, file.name)
    request.send(body)
  }
}

function uploadFailure(code: string): string | undefined {
  return known(`problems.${code}`)
}

/**
 * Has the server fetch what stands at an address: it says what it is.
 *
 * Raises: ApiFailure.
 */
export async function fetchedFrom(address: string): Promise<UploadedFile> {
  const body = { file_url: address }
  return (await ask<{ data: UploadedFile }>('/api/v1/files/upload/url', { method: 'POST', body })).data
}

/** Files of a drop or a paste, also those in folders. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() : null))
  const plain = [...transfer.files]
  if (!entries.some((entry) => entry?.isDirectory)) return plain
  const found: File[] = []
  for (const entry of entries) if (entry) await walk(entry, found)
  return found
}

async function walk(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length >= 60) return
  if (entry.isFile) found.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)))
  else {
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    const inside = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    for (const each of inside) await walk(each, found)
  }
}

/** Who may keep a file longer than its time. */
export function canKeep(): boolean {
  return (session.current?.group.max_kept_bytes ?? 0) > 0
}
