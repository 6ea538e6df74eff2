import { byKind } from '../../../../src/core/by-kind.ts'
import type { OperationView } from '../../../../src/protocol/api/operations.ts'

const actionNames = { install: '安装', update: '更新', uninstall: '卸载' } as const

const nameRequested = ({
  extension,
  version,
}: {
  readonly extension: string
  readonly version?: string | undefined
}) => (version === undefined ? extension : `${extension} ${version}`)

export const nameOperation = byKind<OperationView, string>({
  extension: (operation) => `${actionNames[operation.action]} ${nameRequested(operation)}`,
  extensions: ({ action, extensions }) => `${actionNames[action]} ${extensions.map(nameRequested).join('、')}`,
  command: ({ type }) => `运行命令（${type}）`,
  osPackage: ({ action, names }) => `${actionNames[action]}系统软件包：${names.join('、')}`,
  rollback: ({ execution }) => `回滚 ${execution}`,
  agentUpgrade: ({ version }) => `升级 Agent 到 ${version}`,
})
