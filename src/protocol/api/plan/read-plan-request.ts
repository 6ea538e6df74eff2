import type { z } from 'zod'
import { type OperationRequest, readActionOptions } from '../../../core/execution/operation.ts'
import { type OfflineRequest, resolveWhenOffline } from '../../../core/execution/when-offline.ts'
import type { planInputSchema } from '../executions.ts'

type Asked = Pick<
  z.output<typeof planInputSchema>,
  | 'action'
  | 'extension'
  | 'version'
  | 'parameters'
  | 'resetParameters'
  | 'reinstall'
  | 'allowRemovals'
  | 'autoremove'
  | 'reboot'
  | 'rebootTimeoutMs'
  | 'operation'
> &
  OfflineRequest

/**
 * A request may name one extension directly instead of an operation; the schema ensures that one of
 * the two is present. What happens to offline instances is resolved.
 */
export function readPlanRequest<Body extends Asked>({ operation, ...body }: Body) {
  const { action, extension, version, parameters, resetParameters, reinstall, allowRemovals, ...others } = body
  const { autoremove, reboot, rebootTimeoutMs, ...rest } = others
  const { whenOffline, skipOffline, deliveryTimeoutMs, ...plain } = rest
  const offline = resolveWhenOffline({ whenOffline, skipOffline, deliveryTimeoutMs })
  if ('problem' in offline) throw new Error('a request that contradicts itself has passed its schema')
  const options = { reinstall, allowRemovals, autoremove, reboot, rebootTimeoutMs }
  const asked = { action, extension, version, parameters, resetParameters, ...options }
  return { ...plain, ...offline.terms, operation: operation ?? readExtension(asked) }
}

/** The same of a request that starts it, with the time in ms. */
export function readStartRequest<Body extends Asked & { readonly startAt?: string | undefined }>({
  startAt,
  ...body
}: Body) {
  return { ...readPlanRequest(body), startAt: startAt === undefined ? undefined : Date.parse(startAt) }
}

function readExtension({
  action,
  extension,
  version,
  parameters = {},
  resetParameters,
  ...options
}: Asked): OperationRequest {
  if (action === undefined || extension === undefined)
    throw new Error('a request without an operation has passed its schema')
  return { kind: 'extension', action, extension, version, parameters, resetParameters, ...readActionOptions(options) }
}
