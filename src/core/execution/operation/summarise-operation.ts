import { byKind } from '../../by-kind.ts'
import type { CommandType, Operation, OperationPart, OperationRequest } from '../operation.ts'

/** Names an operation in one line: `install demo v2`, `run a shell script`. */
export const summariseOperation = byKind<Operation, string>({
  extension: ({ action, ...part }) => `${action} ${namePart(action, part)}`,
  extensions: ({ action, parts }) => `${action} ${parts.map((part) => namePart(action, part)).join(', then ')}`,
  command: ({ type }) => commandNames[type],
  osPackage: ({ action, names }) => `${action} OS package${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
  agentUpgrade: ({ version }) => `upgrade agents to ${version}`,
  rollback: ({ executionId }) => `roll back ${executionId}`,
})

/** An uninstall removes the version that each instance has. */
const namePart = (action: string, { extensionName, version }: OperationPart) =>
  action === 'uninstall' ? extensionName : `${extensionName} v${version}`

const commandNames: Readonly<Record<CommandType, string>> = {
  RunShellScript: 'run a shell script',
  RunPowerShellScript: 'run a PowerShell script',
  RunBatScript: 'run a batch file',
}

/** The same of a request, before versions are looked up. */
export const summariseRequest = byKind<OperationRequest, string>({
  extension: ({ action, extension, version }) => [action, extension, version].filter(Boolean).join(' '),
  extensions: ({ action, extensions }) =>
    `${action} ${extensions.map(({ extension, version }) => [extension, version].filter(Boolean).join(' ')).join(', then ')}`,
  command: ({ type }) => commandNames[type],
  osPackage: ({ action, names }) => `${action} OS package${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
  agentUpgrade: () => 'upgrade agents',
  rollback: ({ executionId }) => `roll back ${executionId}`,
})
