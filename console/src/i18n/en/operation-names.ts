import { byKind } from '../../../../src/core/by-kind.ts'
import type { OperationView } from '../../../../src/protocol/api/operations.ts'
import { plural } from '../plural.ts'

const actionNames = { install: 'Install', update: 'Update', uninstall: 'Uninstall' } as const

const nameRequested = ({
  extension,
  version,
}: {
  readonly extension: string
  readonly version?: string | undefined
}) => (version === undefined ? extension : `${extension} ${version}`)

export const nameOperation = byKind<OperationView, string>({
  extension: (operation) => `${actionNames[operation.action]} ${nameRequested(operation)}`,
  extensions: ({ action, extensions }) => `${actionNames[action]} ${extensions.map(nameRequested).join(', ')}`,
  command: ({ type }) => `Run a command (${type})`,
  osPackage: ({ action, names }) => `${actionNames[action]} ${plural(names.length, 'package')}: ${names.join(', ')}`,
  rollback: ({ execution }) => `Roll back ${execution}`,
  agentUpgrade: ({ version }) => `Upgrade agents to ${version}`,
})
