import type { z } from 'zod'
import { type Operation, type OperationPart, readActionOptions } from '../../../core/execution/operation.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import type { executionSummarySchema } from '../../../protocol/api/executions.ts'
import type { OperationView } from '../../../protocol/api/operations.ts'

/** An optional text under a given name. */
export type Absent<Name extends string> = { readonly [Key in Name]?: string }

/** A version as text (`v3`) under the given name; empty if there is none. */
export const version = <Name extends string>(name: Name, number: number | null | undefined): Absent<Name> =>
  (number === null || number === undefined || number === 0 ? {} : { [name]: showVersion(number) }) as Absent<Name>

/**
 * Presents an execution's operation without any values: in the short form of earlier releases, and
 * in full.
 */
export function presentOperation(
  operation: Operation,
): Pick<z.input<typeof executionSummarySchema>, 'action' | 'extension' | 'version' | 'operation'> {
  const { action, extension } = { action: 'run' as const, extension: undefined, ...namesOf(operation) }
  return {
    action,
    ...(extension === undefined ? {} : { extension }),
    ...(operation.kind === 'extension' ? version('version', operation.version) : {}),
    operation: viewOf(operation),
  }
}

function namesOf(operation: Operation) {
  switch (operation.kind) {
    case 'extension':
      return { action: operation.action, extension: operation.extensionName }
    case 'extensions':
    case 'osPackage':
      return { action: operation.action }
    case 'command':
      return {}
  }
}

function viewOf(operation: Operation): OperationView {
  switch (operation.kind) {
    case 'extension':
      return { kind: operation.kind, action: operation.action, ...viewPart(operation), ...readActionOptions(operation) }
    case 'extensions':
      return {
        kind: operation.kind,
        action: operation.action,
        extensions: operation.parts.map(viewPart),
        ...readActionOptions(operation),
      }
    case 'command': {
      const { kind, type, runAs, workDir, timeoutMs } = operation
      return { kind, type, runAs, workDir, timeoutMs }
    }
    case 'osPackage': {
      const { kind, action, installer, names, timeoutMs } = operation
      return { kind, action, installer, names: [...names], timeoutMs, ...readActionOptions(operation) }
    }
  }
}

const viewPart = ({ extensionName, version: number }: OperationPart) => ({
  extension: extensionName,
  ...version('version', number),
})
