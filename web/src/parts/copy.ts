import { t } from '../words'
import { notices } from './notices.svelte'

/** Puts a text on the clipboard and says so; without a secure context by the old way. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) await navigator.clipboard.writeText(text)
  else {
    const area = document.createElement('textarea')
    area.value = text
    area.className = 'unseen'
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
  notices.show(t('common.copied'), 'plain', 2_000)
}
