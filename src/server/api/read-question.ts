import type { z } from 'zod'
import type { OperationRequest } from '../../core/operation.ts'
import type { planInputSchema } from '../../protocol/api/executions.ts'

type Asked = Pick<
  z.output<typeof planInputSchema>,
  'action' | 'extension' | 'version' | 'parameters' | 'resetParameters' | 'operation'
>

/** One extension may be asked for without an operation around it; the schema has seen to it that one of the two is there. */
export function readQuestion<Body extends Asked>({
  action,
  extension,
  version,
  parameters,
  resetParameters,
  operation,
  ...rest
}: Body) {
  return { ...rest, operation: operation ?? readExtension({ action, extension, version, parameters, resetParameters }) }
}

function readExtension({ action, extension, version, parameters = {}, resetParameters }: Asked): OperationRequest {
  if (action === undefined || extension === undefined)
    throw new Error('a question without an operation has passed its schema')
  return { kind: 'extension', action, extension, version, parameters, resetParameters }
}
