import type { Invocation } from '../../../core/execution/invocation.ts'
import type { Operation, OperationRequest } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { ExtensionId, InstanceId } from '../../../core/id.ts'
import type { PlannedTarget } from '../../../core/plan/plan.ts'
import type { ApprovedKind, SecretDigest, StatedWork } from '../../../core/trust/plan-statement.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { ExecutionOperationRow, ExecutionRow } from '../../../store/execution/executions.ts'
import type { PlanInput } from '../../../store/plan/plan-inputs.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import type { AuthoriseHandOut } from '../agent/authorise-hand-out.ts'
import type { HandOutInputs } from '../agent/hand-out-inputs.ts'
import type { Actor, AppContext } from '../context.ts'
import type { DeclaredValuesOf, InstalledValuesOf, ParameterSets, PlanContext } from '../plan/parameter-sets.ts'
import type { PlanPart } from '../plan/plan-part.ts'
import type { ShownValues } from './show-values.ts'

/**
 * What the use cases need from one kind of operation. These are methods on purpose: TypeScript
 * compares their parameters in both directions, so that the handler of one kind fits a table of the
 * handlers of all kinds (see `operations.ts`).
 */
export interface OperationHandler<
  Planned extends Operation = Operation,
  Requested extends OperationRequest = OperationRequest,
> {
  /**
   * Whether starting it needs `ecs:RunCommand` on instances, beside the permission for its
   * templates.
   */
  readonly runsCommands: boolean
  /**
   * Names of the templates that a user needs permission for; a public template where no extension
   * is changed.
   */
  templates(request: Requested): readonly string[]
  /**
   * Makes what takes long and needs no rows, before the transaction in which `prepare` is called: a
   * transaction that waits for something else is ended by the database.
   */
  makeReady?(context: Pick<PlanContext, 'agentBundles'>): Promise<unknown>
  /**
   * Looks up and validates a request: what is left is to apply it to targets.
   * @throws RequestInvalid, and for extensions what `findExtensionPart` throws
   */
  prepare(
    context: PlanContext,
    actor: Pick<Actor, 'accountId'>,
    request: Requested,
  ): Promise<PreparedOperation> | PreparedOperation
  /** How long each task may run. */
  findTimeouts(connection: Connection, operation: Planned, work: PlannedWork): Promise<TimeoutOf> | TimeoutOf
  /** The fields of the audit log that say what was started. @param content script of a command */
  describeForAudit(operation: Planned, content: string | undefined): object
  /** Values as users may see them, by part. @param secrets secret values, by part */
  showValues(operation: Planned, secrets: readonly ParameterValues[]): ShownValues[]
  /** The request that an execution was started with, secret values included. */
  restate(reading: RestateContext, operation: Planned, execution: ExecutionRow): Promise<Requested> | Requested
  /** The kind of its work, as the approver rule of a trust file names it. */
  readonly approvedKind: ApprovedKind
  /** What a task does, by part, as approvers sign it: what `handOut` makes of it later. */
  stateWork(operation: Planned, facts: WorkFacts): (planned: PlannedTarget) => readonly (StatedWork | undefined)[]
  /**
   * The invocation that an agent receives.
   * @throws AccessDenied if the role of the instance does not allow it; ConfigurationMissing
   */
  handOut(context: AppContext, operation: Planned, work: HandOut): Promise<Invocation> | Invocation
}

/** A validated request, ready to be applied to targets. */
export interface PreparedOperation {
  readonly operation: Operation
  readonly content: string | undefined
  readonly parts: readonly PlanPart[]
  /** The extensions whose installed states the plan compares with, in the order of the parts. */
  readonly extensionIds: readonly ExtensionId[]
  /** The order of the targets; absent: by name. Those that are not listed are last. */
  readonly order?: readonly InstanceId[]
  readonly plan: (
    inputs: readonly PlanInput[],
    installedValuesOf: InstalledValuesOf,
    declaredValuesOf: DeclaredValuesOf,
  ) => PlannedOperation
}

/** The planned targets with their values. */
interface PlannedOperation {
  readonly planned: readonly PlannedTarget[]
  /** Values by part; none where the operation changes no extension. */
  readonly sets: readonly Pick<ParameterSets, 'get'>[]
}

/** The parts of a plan that timeouts depend on. */
export interface PlannedWork {
  readonly parts: readonly PlanPart[]
  readonly planned: readonly PlannedTarget[]
}

/** What the work of a plan is stated from. */
export interface WorkFacts {
  /** Script of a command. */
  readonly content: string | undefined
  /** Secret values by part. */
  readonly parts: readonly Pick<PlanPart, 'secret'>[]
  readonly sets: readonly Pick<ParameterSets, 'get'>[]
  /** Digest of the canonical bytes of a version. */
  readonly versionSha256: (extensionId: ExtensionId, version: number) => string
  readonly digestOf: SecretDigest
  /** The values with the secrets that they refer to now. */
  readonly resolve: (values: ParameterValues) => ParameterValues
}

/** The timeout of one part on one target, in milliseconds. */
export type TimeoutOf = (
  planned: Pick<PlannedTarget, 'configurationId' | 'fromVersion' | 'toVersion' | 'step'>,
  part: number,
) => number

export type RestateContext = Pick<AppContext, 'database' | 'secrets'>

/** One invocation that is due, with everything that was loaded for it. */
export interface HandOut {
  readonly one: HandedOut
  readonly execution: ExecutionOperationRow
  readonly inputs: HandOutInputs
  readonly authorise: AuthoriseHandOut
}
