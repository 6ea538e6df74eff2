import { type OperationPart, type OperationRequest, readActionOptions } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import type { ExecutionRow } from '../../../store/execution/executions.ts'
import type { AppContext } from '../context.ts'
import { openSecrets } from '../plan/open-secrets.ts'

/**
 * The original request of an execution, secret values included, for another execution. It is
 * planned again.
 */
export async function restateOperation(
  { database, secrets }: Pick<AppContext, 'database' | 'secrets'>,
  execution: ExecutionRow,
): Promise<OperationRequest> {
  const { id, operation } = execution
  const secret = openSecrets(secrets, execution.secret_parameters_sealed, id)
  switch (operation.kind) {
    case 'extension': {
      const { kind, action } = operation
      return {
        kind,
        action,
        ...readActionOptions(operation),
        ...restatePart(operation, action === 'uninstall', secret),
      }
    }
    case 'extensions': {
      const { kind, action, parts } = operation
      const sealed = await listPartSecrets(database, [id])
      const extensions = parts.map((part, index) => {
        const row = sealed.find((one) => one.part === index)
        return restatePart(part, action === 'uninstall', openSecrets(secrets, row?.sealed ?? null, id))
      })
      return { kind, action, ...readActionOptions(operation), extensions }
    }
    case 'command': {
      const { parametersDigest: _, parameters, ...command } = operation
      const content = execution.command_content ?? ''
      return { ...command, content, parameters: { ...parameters, ...secret }, noEcho: Object.keys(secret) }
    }
    case 'osPackage':
      return operation
  }
}

const restatePart = (
  { extensionName, version, parameters, given, resetParameters }: OperationPart,
  removes: boolean,
  secret: ParameterValues,
) => {
  if (removes) return { extension: extensionName, parameters: {} }
  const values = Object.entries({ ...parameters, ...secret }).filter(([name]) => given?.includes(name) ?? true)
  return {
    extension: extensionName,
    version: String(version),
    parameters: Object.fromEntries(values),
    ...(resetParameters ? { resetParameters } : {}),
  }
}
