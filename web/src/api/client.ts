import type { Problem } from './types'

/**
 * A refusal, in the server's words. `status` 0: the server did not answer.
 */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    /** Seconds to wait, where the server says so. */
    readonly retryAfter: number | null,
    readonly details: Problem[] = [],
  ) {
    super(message)
  }
}

export interface Asked {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Record<string, string | number | boolean | null | undefined>
  /** Sent as JSON; a `FormData` or `Blob` is sent as it is. */
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** What the client tells the page; `state/session` sets it. */
export const hooks = {
  csrf: '',
  /** The first 401 of a session: everything stops. */
  ended: (): void => {},
  /** The server answered, or did not. */
  answered: (_is: boolean): void => {},
  /** Server time in ms less this machine's. */
  skew: 0,
  /** `RateLimit-Remaining` in parts of the limit; 1 where there is none. */
  remaining: 1,
}

/**
 * Asks the server with the session's cookie.
 *
 * Raises: ApiFailure, whatever was wrong; DOMException `AbortError` where `signal` ended it.
 */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const response = await send(path, asked)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

/** The same for an answer that is no JSON. */
export async function send(path: string, { method = 'GET', query, body, headers, signal }: Asked = {}): Promise<Response> {
  const address = new URL(path, location.origin)
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== null && value !== undefined && value !== '') address.searchParams.set(name, String(value))
  const sent: Record<string, string> = { Accept: 'application/json', ...headers }
  let payload: BodyInit | undefined
  if (body instanceof FormData || body instanceof Blob) payload = body
  else if (body !== undefined) {
    payload = JSON.stringify(body)
    sent['Content-Type'] = 'application/json'
  }
  if (method !== 'GET') sent['X-Opendance-CSRF'] = hooks.csrf
  let response: Response
  try {
    response = await fetch(address, { method, headers: sent, body: payload, signal, credentials: 'same-origin' })
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') throw problem
    hooks.answered(false)
    throw new ApiFailure(0, 'no_answer', 'The server does not answer.', null, null)
  }
  hooks.answered(response.status !== 502 && response.status !== 504)
  readHeaders(response)
  if (response.ok) return response
  const failure = await failureOf(response)
  if (response.status === 401 && !path.startsWith('/studio/v1/session') && !path.startsWith('/admin/')) hooks.ended()
  throw failure
}

function readHeaders(response: Response): void {
  const date = Date.parse(response.headers.get('Date') ?? '')
  if (!Number.isNaN(date)) hooks.skew = date + 500 - Date.now()
  const limit = Number(response.headers.get('RateLimit-Limit'))
  if (limit > 0) hooks.remaining = Number(response.headers.get('RateLimit-Remaining')) / limit
}

/** The refusal that an answer tells. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  type Told = { error?: { code?: string; message?: string; details?: Problem[] } }
  const told = ((await response.json().catch(() => ({}))) as Told).error
  const wait = Number(response.headers.get('Retry-After'))
  return new ApiFailure(
    response.status,
    told?.code ?? 'unknown_error',
    told?.message ?? response.statusText,
    response.headers.get('X-Request-Id'),
    wait > 0 ? wait : null,
    told?.details ?? [],
  )
}

/** The server's clock, unix seconds. */
export function now(): number {
  return (Date.now() + hooks.skew) / 1000
}
