import { afterEach, expect, test, vi } from 'vitest'
import { alreadyThere } from './files'

afterEach(() => vi.unstubAllGlobals())

/** A file of so many bytes, as far as anybody asks. */
function sized(size: number): { file: File; read: ReturnType<typeof vi.fn> } {
  const read = vi.fn(async () => new ArrayBuffer(8))
  return { file: { size, arrayBuffer: read } as unknown as File, read }
}

test('a file that the server takes is looked for by its content, and one that is too large is not even read', async () => {
  const same = { file_id: 'file-1', kept: true }
  vi.stubGlobal('location', { origin: 'http://here' })
  vi.stubGlobal('fetch', async () => Response.json({ data: { files: [same] } }))
  const most = sized(100 * 2 ** 20)
  expect(await alreadyThere(most.file)).toEqual(same)
  expect(most.read).toHaveBeenCalledOnce()
  const larger = sized(100 * 2 ** 20 + 1)
  expect(await alreadyThere(larger.file)).toBeUndefined()
  expect(larger.read).not.toHaveBeenCalled()
})
