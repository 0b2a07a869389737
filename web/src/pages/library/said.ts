import { known, t } from '../../words'
import type { Filter } from './find'

/** A filter in words. */
export function saidOf(name: Filter, value: string): string {
  switch (name) {
    case 'search':
      return `“${value}”`
    case 'status':
    case 'tier':
    case 'mode':
      return known(`${name}.${value}`) ?? value
    case 'favourite':
      return t('library.favourites')
    case 'kept':
      return value === 'true' ? t('library.kept') : t('library.not_kept')
    case 'hidden':
      return t('library.hidden')
    case 'sound':
      return value === 'true' ? t('library.sound_true') : t('library.sound_false')
    case 'from':
      return `${t('library.from')} ${value}`
    case 'to':
      return `${t('library.to')} ${value}`
    case 'take':
      return t('library.takes_of_one')
    case 'tag':
      return `${t('library.tag')}: ${value}`
    case 'key':
      return t('library.key')
    default:
      return value
  }
}
