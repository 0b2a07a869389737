import type { Key } from './account'
import type { Attempt, LedgerRow } from './library'
import type { EngineKind, Status } from './types'

export interface EngineProcess {
  process: string
  here: boolean
  updated: number
  loaded: boolean
  problem: string | null
  up: boolean
  rests_for: number | null
  failures: number
  slots: number
}

/** A clip that an engine makes to show that it works. */
export interface EngineCheck {
  engine: string
  state: 'running' | 'ended'
  started: number
  model: string | null
  problem: string | null
  seconds: number | null
  seconds_per_second: number | null
  timings: Record<string, number>
  width: number | null
  height: number | null
  frames: number | null
  sound: boolean | null
  bytes: number | null
  memory: number | null
  notes: string[]
}

export interface Decision {
  input: string
  verdict: 'allowed' | 'refused'
  findings: { policy: string; category: string; by: string; score: number | null; words: string[] | null }[]
  unasked: string[]
}

/** As it stands in the process where it stands best. */
export interface EngineState {
  name: string
  kind: EngineKind
  summary: string
  missing: string[]
  install: string | null
  licence: string | null
  /** It runs in the process that answers. */
  here: boolean
  loaded: boolean
  problem: string | null
  up: boolean
  /** Seconds until it is tried first again. */
  rests_for: number | null
  failures: number
  slots: number
  modes: string[]
  /** Those whose routes name it. */
  models: string[]
  speeds: { tier: string; quality: string; seconds_per_second: number; samples: number }[]
  last_errors: { task_id: string; at: number; code: string }[]
  processes: EngineProcess[]
  check: EngineCheck | null
}

export interface Overview {
  ready: boolean
  problems: string[]
  version: string
  tasks: { pending: number; processing: number; oldest_pending: number | null }
  engines: EngineState[]
  failed_callbacks: number
  errors: { code: string; count: number }[]
  refusals: number
  credits: { day: string; credits: number }[]
  disk: { free: number; total: number } | null
  /** `folder`, or the kind of object store. */
  store: string
  workers: { name: string; running: number }[]
  accounts: number
  keys: number
}

export interface AccountRow {
  id: string
  name: string
  user_group: string
  created: number
  enabled: boolean
  balance: number
  requests_per_minute: number | null
  max_tasks: number | null
  reserved: number
  live_tasks: number
  keys: number
  last_used: number | null
}

export interface AdminPage<R> {
  data: R[]
  has_more: boolean
  next_cursor: string | null
  total?: number
}

export interface Group {
  name: string
  price_ratio: number
  priority: number
  requests_per_minute: number | null
  max_tasks: number | null
  total_requests_per_minute: number | null
  total_max_tasks: number | null
  max_files: number
  max_kept_bytes: number
  engines: string[] | null
  accounts: number
  own_keys: boolean
}

export type AdminKey = Key

export interface TaskRow {
  id: string
  account_id: string
  account: string
  key_id: string | null
  wire: string
  model: string
  quality: string
  duration: number
  status: Status
  stage: string | null
  progress: number
  created: number
  started: number | null
  finished: number | null
  engine: string | null
  substitute: boolean
  attempts: number
  owner: string | null
  parks: number
  parked_until: number | null
  awaits: string | null
  cancel_requested: boolean
  error: { code: string; message: string | null } | null
  credits_reserved: number
  credits_used: number | null
  trace_id: string | null
}

export interface AdminDelivery {
  id: string
  task_id?: string
  host: string
  url?: string
  account?: string
  account_id?: string
  status: 'pending' | 'delivered' | 'failed'
  created: number
  finished: number | null
  next_attempt: number | null
  attempts: Attempt[]
}

export interface AuditRow {
  id: number
  at: number
  kind: string
  actor: string
  account_id: string | null
  task_id: string | null
  detail: Record<string, unknown>
}

export interface TaskReport extends TaskRow {
  journal: { name: string; seconds: number; finished: number; value: unknown }[]
  deliveries: AdminDelivery[]
  ledger: LedgerRow[]
  events: { revision: number; status: Status; stage: string | null; progress: number }[]
  decisions: Decision[]
  request?: { order: Record<string, unknown>; seed: number; title: string | null; tags: string[]; results: string[] }
}

export interface AdminLane {
  name: string
  models: string[]
  engines: string[]
  places: number
  is_open: boolean
  tasks: { id: string; account: string; model: string; owner: string | null; started: number | null; progress: number; parked: boolean }[]
  /** In the order of their next turn. */
  turns: { account_id: string; account: string; count: number; first_task: string }[]
}

export interface AdminQueue {
  lanes: AdminLane[]
  workers: { name: string; running: number }[]
}

export interface Setting {
  name: string
  variable: string
  value: unknown
  is_set: boolean
  secret: boolean
  source: 'default' | 'environment' | 'file' | 'command line'
  default: unknown
  meaning: string
  toml: string
}
