import type { z } from 'zod'
import { type OperationRequest, readActionOptions } from '../../../../core/execution/operation.ts'
import type { planInputSchema } from '../../../../protocol/api/executions.ts'

type Asked = Pick<
  z.output<typeof planInputSchema>,
  'action' | 'extension' | 'version' | 'parameters' | 'resetParameters' | 'reinstall' | 'allowRemovals' | 'operation'
>

/** One extension may be asked for without an operation around it; the schema has seen to it that one of the two is there. */
export function readPlanRequest<Body extends Asked>({ operation, ...body }: Body) {
  const { action, extension, version, parameters, resetParameters, reinstall, allowRemovals, ...rest } = body
  const asked = { action, extension, version, parameters, resetParameters, reinstall, allowRemovals }
  return { ...rest, operation: operation ?? readExtension(asked) }
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
    throw new Error('a question without an operation has passed its schema')
  return { kind: 'extension', action, extension, version, parameters, resetParameters, ...readActionOptions(options) }
}
