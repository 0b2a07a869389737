import type { Card, EngineKind, MediaKind, Plan, PriceLine, VideoRequest } from './types'

/** What `GET /v1/tasks/counts` tells of the tasks that its filters leave. */
export interface Counts {
  total: number
  /** There are more than `total`. */
  is_capped: boolean
  by: Partial<Record<'status' | 'tier' | 'mode' | 'engine' | 'quality' | 'ratio' | 'month', Record<string, number>>> & {
    favourite: number
    kept: number
  }
}

/** An input of a task. */
export interface TaskInput {
  kind: MediaKind
  number: number
  url: string
  /** Where it stood in the request, such as `image_urls[0]`. */
  place: string
  file_id: string | null
  task_id: string | null
  name: string | null
  gone: boolean
  thumb_url: string | null
}

/** A task with everything that its viewer shows. */
export interface TaskWhole {
  card: Card
  request: VideoRequest
  seed: number | null
  inputs: TaskInput[]
  stages: { name: string; seconds: number; finished: number }[]
  notes: string[]
  whole_plan: Plan | null
  failures: { engine: string; code: string; message: string }[]
  usage: { credits_reserved: number; credits_used?: number; lines?: PriceLine[] }
  results?: string[]
}

export interface LedgerRow {
  id: number
  account_id: string
  kind: string
  /** Credits; negative where they left the account. */
  amount: number
  task_id: string | null
  key_id: string | null
  reason: string | null
  reference: string | null
  lines: PriceLine[] | null
  created: number
}

export interface Attempt {
  number: number
  started: number
  seconds: number
  status_code: number | null
  error: string | null
}

export interface Delivery {
  id: string
  task_id: string
  host: string
  url: string
  status: 'pending' | 'delivered' | 'failed'
  created: number
  finished: number | null
  next_attempt: number | null
  attempts: Attempt[]
}

/** What `POST /v1/verify` found in a clip. */
export interface Verified {
  generated: boolean
  manifest: Record<string, unknown> | null
  marks: { picture: boolean; picture_sigmas: number; sound: boolean | null; sound_sigmas: number | null; number: string | null }
  task_id: string | null
}

export interface Engine {
  name: string
  kind: EngineKind
}
