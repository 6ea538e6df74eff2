import type { OperationPart, RequestedExtension } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'

/** What was requested for one extension. An uninstall requests neither a version nor values. */
export const restatePart = (
  { extensionName, version, parameters, given, resetParameters }: OperationPart,
  removes: boolean,
  secret: ParameterValues,
): RequestedExtension => {
  if (removes) return { extension: extensionName, parameters: {} }
  const values = Object.entries({ ...parameters, ...secret }).filter(([name]) => given?.includes(name) ?? true)
  return {
    extension: extensionName,
    version: String(version),
    parameters: Object.fromEntries(values),
    ...(resetParameters ? { resetParameters } : {}),
  }
}
