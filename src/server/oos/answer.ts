import type { ChandlerError } from '../../core/errors.ts'
import { oosErrorOf } from './error-codes.ts'

/** What an error says to a client of OOS (reference 6.6). `Recommend` leads to the pages of this server. */
export function renderError(
  error: ChandlerError,
  { requestId, host, protocol }: { readonly requestId: string; readonly host: string; readonly protocol: string },
): Readonly<Record<string, unknown>> {
  return {
    RequestId: requestId,
    HostId: host,
    Code: oosErrorOf(error).code,
    Message: error.message,
    Recommend: `${protocol}://${host}/docs`,
  }
}
