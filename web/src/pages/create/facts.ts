import type { Plan, Reason, Spans } from '../../api/types'
import { known, t } from '../../words'

/** Something that was understood, in the page's words, and the words of the prompt that it came from. */
export interface ShownFact {
  kind: string
  text: string
  spans: Spans
}

export interface ShownShot {
  start: number
  end: number
  facts: ShownFact[]
}

/** What the server understood, shot by shot, and of the whole. */
export function factsOf(plan: Plan): { shots: ShownShot[]; whole: ShownFact[] } {
  const reasons = plan.reasons ?? []
  const shots = plan.shots.map((shot): ShownShot => {
    const where = shot.place ?? shot.setting
    return {
      start: shot.start,
      end: shot.end,
      facts: [
        ...shot.subjects.map((subject) => ({
          kind: 'subject',
          text: `${nameOf(subject)}${subject.count > 1 ? ` × ${subject.count}` : ''}`,
          spans: spansOf(reasons, ['subject'], [subject.name, subject.words]),
        })),
        fact(reasons, 'size', shot.size),
        fact(reasons, 'camera', shot.camera.move),
        { kind: 'setting', text: inWords('setting', where), spans: spansOf(reasons, ['place', 'setting'], [where, shot.setting]) },
        fact(reasons, 'hour', shot.hour),
        fact(reasons, 'weather', shot.weather),
      ],
    }
  })
  const whole: ShownFact[] = [
    ...plan.dialogue.map(({ text }) => ({
      kind: 'dialogue',
      text: `“${text}”`,
      spans: reasons.filter((each) => each.kind === 'dialogue' && (each.value === text || each.words.includes(text))).map(span),
    })),
    ...(plan.music ? [{ kind: 'music', text: plan.music.replaceAll('_', ' '), spans: spansOf(reasons, ['music'], []) }] : []),
    fact(reasons, 'style', plan.style),
    fact(reasons, 'mood', plan.mood),
  ]
  return { shots, whole }
}

/** What a subject is called: by the prompt's words, or by the picture that shows it. */
function nameOf({ words, name, image }: Plan['shots'][number]['subjects'][number]): string {
  if (image && (!words || words.startsWith('('))) return t('create.image_n', { count: image })
  return words || name
}

function fact(reasons: Reason[], kind: string, value: string): ShownFact {
  return { kind, text: inWords(kind, value), spans: spansOf(reasons, [kind], [value]) }
}

function inWords(kind: string, value: string): string {
  return known(`plan.${kind}_${value}`) ?? value.replaceAll('_', ' ')
}

function spansOf(reasons: Reason[], kinds: string[], values: string[]): Spans {
  const ofKind = reasons.filter((each) => kinds.includes(each.kind))
  return ofKind.filter((each) => !values.length || values.includes(each.value) || values.includes(each.words)).map(span)
}

function span({ begin, end }: Reason): [number, number] {
  return [begin, end]
}
