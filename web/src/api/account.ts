import type { LedgerRow } from './library'

export interface Limit {
  /** null: there is none. */
  limit: number | null
  used: number
}

export interface Account {
  id: string
  name: string
  group: { name: string; price_ratio: number; own_keys: boolean }
  balance: number
  reserved: number
  /** Credits. */
  used: { today: number; week: number; month: number }
  days_left: number | null
  limits: { requests_per_minute: Limit; tasks: Limit; files: Limit; kept_bytes: Limit; key_credits: Limit }
  results_hours: number
  files_hours: number
}

export interface UsageRow {
  day?: string
  model?: string
  key?: string
  status?: string
  account?: string
  tasks: number
  seconds: number
  credits_used: number
  credits_reserved: number
}

export interface UsageReport {
  since: string
  until: string
  by: string[]
  data: UsageRow[]
}

export interface LedgerPage {
  data: LedgerRow[]
  next_before: number | null
}

export interface Key {
  id: string
  account_id: string
  name: string
  prefix: string
  created: number
  expires: number | null
  revoked: number | null
  enabled: boolean
  models: string[] | null
  credit_limit: number | null
  used: number
  requests_per_minute: number | null
  max_tasks: number | null
  last_used: number | null
  previous_ends: number | null
  state: string
  kind: 'live' | 'test'
  is_this?: boolean
}

/** A key that was made or rotated just now. */
export interface NewKey extends Key {
  key: string
}

export interface SignedIn {
  id: string
  created: number
  last_used: number
  browser: string
  key_name: string
  admin_until: number | null
  is_this: boolean
}

export interface CallbackSecret {
  secret: string
  previous_ends: number | null
}
