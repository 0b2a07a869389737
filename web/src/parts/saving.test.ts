import { expect, test } from 'vitest'
import { csv } from './saving'

test('a cell is quoted where it must be, and is no formula', () => {
  expect(csv([['a', 'b,c', 'say "x"'], [1.5, null, '=HYPERLINK("x")'], [-2, undefined, '-2']])).toBe(
    'a,"b,c","say ""x"""\r\n1.5,,"\'=HYPERLINK(""x"")"\r\n-2,,\'-2\r\n',
  )
})
