import { expectTypeOf, test } from 'vitest'
import type { components } from './schema'
import type { AssetUse, Card, Check, Model, Problem, Queue, Session, Usage } from './types'

type Schemas = components['schemas']
/** The names that both have to have: what the page reads must be what the server documents. */
type Read<Own, Told> = Exclude<keyof Own & string, keyof Told & string>

test('what the page reads is what the server documents', () => {
  expectTypeOf<Read<Card, Schemas['TaskCard']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Check, Schemas['VideoCheck']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Problem, Schemas['ProblemObject']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Usage, Schemas['EstimateUsage']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Queue, Schemas['QueueObject']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Queue['own'][number], Schemas['OwnPlace']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Queue['lanes'][number], Schemas['LaneObject']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Session, Schemas['SessionObject']>>().toEqualTypeOf<never>()
  expectTypeOf<Read<Model, Schemas['ModelDetails']>>().toEqualTypeOf<never>()
  expectTypeOf<Schemas['TaskCard']>().toMatchTypeOf<Pick<Card, 'id' | 'status' | 'progress' | 'updated' | 'error'>>()
  expectTypeOf<AssetUse['role']>().toBeString()
})
