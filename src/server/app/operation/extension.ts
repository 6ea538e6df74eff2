import { type ExtensionOperation, type ExtensionRequest, readActionOptions } from '../../../core/execution/operation.ts'
import { planTargets } from '../../../core/plan/plan.ts'
import type { Actor } from '../context.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { findExtensionPart } from './find-extension-part.ts'
import { findExtensionTimeouts } from './find-extension-timeouts.ts'
import { handOutExtension } from './hand-out-extension.ts'
import type { OperationHandler, PreparedOperation } from './operation-handler.ts'
import { restatePart } from './restate-part.ts'
import { showPart } from './show-values.ts'
import { stateChanges } from './state-change.ts'

/** One extension. */
export const extensionHandler: OperationHandler<ExtensionOperation, ExtensionRequest> = {
  runsCommands: false,
  templates: ({ extension }) => [extension],
  prepare: prepareExtension,
  findTimeouts: findExtensionTimeouts,
  describeForAudit: ({ action, extensionName, version }) => ({ action, extension: extensionName, version }),
  showValues: (operation, [secret = {}]) => [showPart(operation, secret)],
  restate({ secrets }, operation, { id, secret_parameters_sealed: sealed }) {
    const { kind, action } = operation
    const part = restatePart(operation, action === 'uninstall', openSecrets(secrets, sealed, id))
    return { kind, action, ...readActionOptions(operation), ...part }
  },
  approvedKind: 'extension',
  stateWork: (operation, facts) => stateChanges([operation], operation, facts),
  handOut: (context, operation, work) => handOutExtension(context, operation, operation, work),
}

async function prepareExtension(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  request: ExtensionRequest,
): Promise<PreparedOperation> {
  const found = await findExtensionPart(context, actor, request)
  return {
    operation: { kind: 'extension', action: request.action, ...readActionOptions(request), ...found.part },
    content: undefined,
    parts: [found],
    extensionIds: [found.part.extensionId],
    plan: (inputs, installedValuesOf, declaredValuesOf) => {
      const { request: wanted, sets } = found.request(installedValuesOf, declaredValuesOf)
      const targets = inputs.map((input) => ({ instance: input, installed: input.installed[0] }))
      return { planned: planTargets(wanted, targets), sets: [sets] }
    },
  }
}
