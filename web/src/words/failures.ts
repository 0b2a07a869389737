import { ApiFailure } from '../api/client'
import type { TaskError } from '../api/types'
import { known, t } from './index'
import { span } from './format'

/** What went wrong, in the page's words where it has some for the code, else in the server's. */
export function failureInWords(failure: ApiFailure): string {
  if (failure.status === 429 && failure.retryAfter) return t('errors.wait', { time: span(failure.retryAfter) })
  return known(`errors.api_${failure.code}`) ?? failure.message
}

/** The same of anything that was thrown; what is no refusal is a fault of the page. */
export function thrownInWords(problem: unknown): string {
  return problem instanceof ApiFailure ? failureInWords(problem) : t('errors.part_failed')
}

/** Why a task has no video, in one sentence. */
export function taskErrorInWords(error: TaskError): string {
  return known(`errors.task_${error.code}`) ?? error.message
}

const PASSING = ['generation_timeout', 'service_error', 'resource_exhausted', 'service_unavailable', 'generation_failed_no_content', 'unknown_error']

/** Whether the same request may well work at another time. */
export function isWorthRetrying(error: TaskError): boolean {
  return PASSING.includes(error.code)
}
