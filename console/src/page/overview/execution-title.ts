import type { OperationView } from '../../../../src/protocol/api/operations.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

/** `Install demo v2`: what an execution does, in words. */
export function renderExecutionTitle(operation: OperationView, texts: Catalogue['overview']): string {
  const { of, command, several, packages } = texts.operation
  switch (operation.kind) {
    case 'extension':
      return of(texts.action[operation.action], [operation.extension, operation.version].filter(Boolean).join(' '))
    case 'extensions':
      return of(texts.action[operation.action], several(operation.extensions.length))
    case 'command':
      return command(operation.type)
    case 'osPackage':
      return of(texts.action[operation.action], packages(operation.names.join(', ')))
  }
}
