import { expect, test } from 'vitest'
import en from './en'
import ja from './ja'
import ko from './ko'
import zh from './zh'
import enAdmin from './en/admin.json'
import jaAdmin from './ja/admin.json'
import koAdmin from './ko/admin.json'
import zhAdmin from './zh/admin.json'

type Message = string | Record<string, string>
const flat = (catalog: Record<string, Record<string, Message>>): Map<string, Message> =>
  new Map(Object.entries(catalog).flatMap(([section, all]) => Object.entries(all).map(([key, value]) => [`${section}.${key}`, value])))
const texts = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message))
const places = (message: Message): string[] => [
  ...new Set(texts(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((each) => each[1] as string))),
].sort()

const all = {
  en: { ...en, admin: enAdmin },
  zh: { ...zh, admin: zhAdmin },
  ko: { ...ko, admin: koAdmin },
  ja: { ...ja, admin: jaAdmin },
}
const english = flat(all.en)
test.each(Object.entries(all))('%s says everything that English says, with the same places', (_, catalog) => {
  const other = flat(catalog)
  expect([...other.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [key, message] of other) {
    expect(typeof message, key).toBe(typeof english.get(key))
    expect(places(message), key).toEqual(places(english.get(key) as Message))
  }
})

test.each(Object.entries(all))('%s has no empty message, and each plural its `other`', (_, catalog) => {
  for (const [key, message] of flat(catalog)) {
    for (const text of texts(message)) expect(text.trim(), key).not.toBe('')
    if (typeof message !== 'string') expect(message['other'], key).toBeTruthy()
  }
})
