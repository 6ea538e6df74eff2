import type { Invocation } from '../../../core/execution/invocation.ts'
import type {
  Operation,
  OperationKind,
  OperationOf,
  OperationRequest,
  RequestOf,
} from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { PlannedTarget } from '../../../core/plan/plan.ts'
import type { ApprovedKind, StatedWork } from '../../../core/trust/plan-statement.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { ExecutionRow } from '../../../store/execution/executions.ts'
import type { Actor, AppContext } from '../context.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { agentUpgradeHandler } from './agent-upgrade.ts'
import { commandHandler } from './command.ts'
import { extensionHandler } from './extension.ts'
import { extensionsHandler } from './extensions.ts'
import type {
  HandOut,
  OperationHandler,
  PlannedWork,
  PreparedOperation,
  RestateContext,
  TimeoutOf,
  WorkFacts,
} from './operation-handler.ts'
import { osPackageHandler } from './os-package.ts'
import { rollbackHandler } from './rollback.ts'
import type { ShownValues } from './show-values.ts'

const handlers = {
  extension: extensionHandler,
  extensions: extensionsHandler,
  command: commandHandler,
  osPackage: osPackageHandler,
  agentUpgrade: agentUpgradeHandler,
  rollback: rollbackHandler,
} satisfies { readonly [Kind in OperationKind]: OperationHandler<OperationOf<Kind>, RequestOf<Kind>> }

const handlerOf = ({ kind }: { readonly kind: OperationKind }): OperationHandler => handlers[kind]

/** The permission that starting an operation requires on each instance. */
export const instanceActionOf = (request: OperationRequest): string =>
  handlerOf(request).runsCommands ? 'ecs:RunCommand' : 'oos:StartExecution'

/**
 * Names of the templates that a user needs permission for; a public template where no extension is
 * changed.
 */
export const templatesOf = (request: OperationRequest): readonly string[] => handlerOf(request).templates(request)

/** Before a transaction that plans the request: see `OperationHandler`. */
export const makeOperationReady = async (
  context: Pick<PlanContext, 'agentBundles'>,
  request: OperationRequest,
): Promise<void> => {
  await handlerOf(request).makeReady?.(context)
}

/**
 * Looks up and validates a request: what is left is to apply it to targets.
 * @throws RequestInvalid, and for extensions what `findExtensionPart` throws
 */
export const prepareOperation = (
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  request: OperationRequest,
): Promise<PreparedOperation> | PreparedOperation => handlerOf(request).prepare(context, actor, request)

/** How long each task of a plan may run. */
export const findTimeouts = (
  connection: Connection,
  { operation, ...work }: PlannedWork & { readonly operation: Operation },
): Promise<TimeoutOf> | TimeoutOf => handlerOf(operation).findTimeouts(connection, operation, work)

/** The fields of the audit log that say what was started. @param content script of a command */
export const describeForAudit = (operation: Operation, content: string | undefined): object =>
  handlerOf(operation).describeForAudit(operation, content)

/**
 * Values as users may see them, by part; secrets are masked.
 * @param secrets secret values, by part
 */
export const renderShownValues = (operation: Operation, secrets: readonly ParameterValues[]): ShownValues[] =>
  handlerOf(operation).showValues(operation, secrets)

/** The request that an execution was started with, secret values included. */
export const restateOperation = (
  reading: RestateContext,
  execution: ExecutionRow,
): Promise<OperationRequest> | OperationRequest =>
  handlerOf(execution.operation).restate(reading, execution.operation, execution)

/** The kind of the work, as the approver rule of a trust file names it. */
export const approvedKindOf = (operation: Operation): ApprovedKind => handlerOf(operation).approvedKind

/** What a task does, by part, as approvers sign it. */
export const stateWork = (
  operation: Operation,
  facts: WorkFacts,
): ((planned: PlannedTarget) => readonly (StatedWork | undefined)[]) => handlerOf(operation).stateWork(operation, facts)

/**
 * The invocation that an agent receives.
 * @throws AccessDenied if the role of the instance does not allow it; ConfigurationMissing
 */
export const makeInvocation = (context: AppContext, work: HandOut): Promise<Invocation> | Invocation =>
  handlerOf(work.execution.operation).handOut(context, work.execution.operation, work)
