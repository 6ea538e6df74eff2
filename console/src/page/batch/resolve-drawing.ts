import { ChandlerError } from '../../../../src/core/error/errors.ts'
import type { ExecutionMode, RateControl, ResolvedRateControl } from '../../../../src/core/execution/rate-control.ts'
import { resolveDebugRateControl, resolveRateControl } from '../../../../src/core/execution/resolve-rate-control.ts'

/**
 * Resolves rate control for a number of instances with the server's rules, or returns the problem,
 * for example more than 1,000 batches.
 */
export function resolveDrawing(
  rateControl: RateControl,
  mode: ExecutionMode,
  count: number,
): { readonly resolved: ResolvedRateControl } | { readonly problem: string } {
  try {
    const resolved = resolveRateControl(rateControl, count)
    return { resolved: mode === 'Debug' ? resolveDebugRateControl(count, resolved.maxErrors) : resolved }
  } catch (error) {
    if (!(error instanceof ChandlerError)) throw error
    const problems = error.details?.['problems'] as readonly { readonly reason: string }[] | undefined
    return { problem: problems?.[0]?.reason ?? error.message }
  }
}
