import { go } from '../router.svelte'
import { t } from '../words'
import { preferences } from './preferences.svelte'
import { isLive, tasks } from './tasks.svelte'

/** Tells who looks elsewhere that something is done: a system notice and a sound, where they are switched on. */
export function tellWhenFinished(): () => void {
  return tasks.onChange((card, before) => {
    if (!before || !isLive(before) || isLive(card) || card.status === 'cancelled' || !leads()) return
    const isDone = card.status === 'completed'
    const name = card.title ?? card.prompt.slice(0, 80)
    if (preferences.current.sound) chime(isDone)
    if (!preferences.current.notices || !document.hidden || typeof Notification === 'undefined') return
    if (Notification.permission !== 'granted') return
    const notice = new Notification(isDone ? t('create.done_said', { name }) : t('create.failed_said', { name }), { tag: card.id })
    notice.onclick = () => {
      window.focus()
      go(`/library/${card.id}`)
    }
  })
}

/** One tab tells, not each of them: the one that was looked at last. */
const TAB = `${Math.random()}`
function leads(): boolean {
  try {
    return (localStorage.getItem('last-tab') ?? TAB) === TAB
  } catch {
    return true
  }
}
function looked(): void {
  try {
    localStorage.setItem('last-tab', TAB)
  } catch {
    // Then each tab tells.
  }
}
if (document.hasFocus()) looked()
addEventListener('focus', looked)

function chime(isDone: boolean): void {
  const context = new AudioContext()
  const tones = isDone ? [659, 880] : [392, 330]
  tones.forEach((frequency, index) => {
    const at = context.currentTime + index * 0.12
    const volume = new GainNode(context, { gain: 0 })
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(0.08, at + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.0005, at + 0.35)
    const tone = new OscillatorNode(context, { frequency })
    tone.connect(volume).connect(context.destination)
    tone.start(at)
    tone.stop(at + 0.4)
  })
  setTimeout(() => void context.close(), 1_000)
}
