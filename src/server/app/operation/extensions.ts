import { chandlerError } from '../../../core/error/errors.ts'
import { partOf } from '../../../core/execution/operation/operations.ts'
import {
  type ExtensionsOperation,
  type ExtensionsRequest,
  type OperationPart,
  readActionOptions,
} from '../../../core/execution/operation.ts'
import { maxExtensionsPerExecution } from '../../../core/limits.ts'
import { planParts } from '../../../core/plan/plan-parts.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import type { Actor } from '../context.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { type FoundPart, findExtensionPart } from './find-extension-part.ts'
import { findExtensionTimeouts } from './find-extension-timeouts.ts'
import { handOutExtension } from './hand-out-extension.ts'
import type { OperationHandler, PreparedOperation } from './operation-handler.ts'
import { restatePart } from './restate-part.ts'
import { showPart } from './show-values.ts'
import { stateChanges } from './state-change.ts'

/** Several extensions, one after the other on each instance. */
export const extensionsHandler: OperationHandler<ExtensionsOperation, ExtensionsRequest> = {
  runsCommands: false,
  templates: ({ extensions }) => extensions.map(({ extension }) => extension),
  prepare: prepareExtensions,
  findTimeouts: findExtensionTimeouts,
  describeForAudit: ({ action, parts }) => ({
    action,
    extensions: parts.map(({ extensionName, version }) => ({ extension: extensionName, version })),
  }),
  showValues: ({ parts }, secrets) => parts.map((part, index) => showPart(part, secrets[index] ?? {})),
  async restate({ database, secrets }, operation, { id }) {
    const { kind, action, parts } = operation
    const sealed = await listPartSecrets(database, [id])
    const extensions = parts.map((part, index) => {
      const row = sealed.find((one) => one.part === index)
      return restatePart(part, action === 'uninstall', openSecrets(secrets, row?.sealed ?? null, id))
    })
    return { kind, action, ...readActionOptions(operation), extensions }
  },
  approvedKind: 'extension',
  stateWork: (operation, facts) => stateChanges(operation.parts, operation, facts),
  handOut: (context, operation, work) =>
    handOutExtension(context, partOf(operation, work.one.part) as OperationPart, operation, work),
}

async function prepareExtensions(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  { action, extensions, ...options }: ExtensionsRequest,
): Promise<PreparedOperation> {
  const names = extensions.map(({ extension }) => extension)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (names.length === 0 || names.length > maxExtensionsPerExecution) {
    const reason = `${names.length} extensions are specified; the limit is 1 to ${maxExtensionsPerExecution}`
    throw chandlerError('RequestInvalid', { reason })
  }
  if (twice !== undefined)
    throw chandlerError('RequestInvalid', { reason: `the extension ${twice} is specified twice` })
  const found: FoundPart[] = []
  for (const requested of extensions)
    found.push(await findExtensionPart(context, actor, { ...requested, ...options, action }))
  return {
    operation: { kind: 'extensions', action, ...readActionOptions(options), parts: found.map(({ part }) => part) },
    content: undefined,
    parts: found,
    extensionIds: found.map(({ part }) => part.extensionId),
    plan: (inputs, installedValuesOf, declaredValuesOf) => {
      const wanted = found.map(({ part, request }) => ({
        ...request(installedValuesOf, declaredValuesOf),
        extensionName: part.extensionName,
      }))
      const targets = inputs.map((input) => ({ instance: input, installed: input.installed }))
      return { planned: planParts(wanted, targets), sets: wanted.map(({ sets }) => sets) }
    },
  }
}
