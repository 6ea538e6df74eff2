import type { OsPackageOperation, OsPackageRequest } from '../operation.ts'
import type { OperationRules } from './operation-rules.ts'

export const osPackageRules: OperationRules<OsPackageOperation, OsPackageRequest> = {
  isSequence: false,
  // One key for all packages: a package manager runs one command at a time anyway.
  mutationKey: () => 'os-packages',
  parts: () => [],
  identity: (operation, content) => [operation, content],
  rekeyDigests: (operation) => operation,
  extensionNames: () => [],
  openValues: () => [],
  mapValues: (request) => request,
}
