import { byKind } from '../../core/by-kind.ts'
import type { CommandType } from '../../core/execution/operation.ts'
import type { ExecutionView } from '../../protocol/api/executions.ts'
import type { OperationView } from '../../protocol/api/operations.ts'

/** `install demo v2`, `run a shell script`, `uninstall OS packages nginx, curl`. */
export const showOperation = ({ operation }: Pick<ExecutionView, 'operation'>): string => nameOf(operation)

const nameOf = byKind<OperationView, string>({
  extension: ({ action, extension, version }) => [action, extension, version].filter(Boolean).join(' '),
  extensions: ({ action, extensions }) => {
    const names = extensions.map(({ extension, version }) => [extension, version].filter(Boolean).join(' '))
    return `${action} ${names.join(', then ')}`
  },
  command: ({ type }) => commandNames[type],
  osPackage: ({ action, names }) => `${action} OS package${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
  agentUpgrade: ({ version }) => `upgrade agents to ${version}`,
  rollback: ({ execution }) => `roll back ${execution}`,
})

const commandNames: Readonly<Record<CommandType, string>> = {
  RunShellScript: 'run a shell script',
  RunPowerShellScript: 'run a PowerShell script',
  RunBatScript: 'run a batch file',
}
