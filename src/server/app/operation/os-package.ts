import { chandlerError } from '../../../core/error/errors.ts'
import { mutationKeyOf } from '../../../core/execution/operation/operations.ts'
import { isOsPackageName, type OsPackageOperation, type OsPackageRequest } from '../../../core/execution/operation.ts'
import { describeOsPackageRun, planRun } from '../../../core/execution/plan-run.ts'
import { maxOsPackages } from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import type { StatedOsPackages } from '../../../core/trust/plan-statement.ts'
import type { Actor } from '../context.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { makeRunConfiguration } from './make-run-configuration.ts'
import type { OperationHandler, PreparedOperation } from './operation-handler.ts'
import { refuseAutoremove } from './refuse-autoremove.ts'

/** Packages of the operating system. */
export const osPackageHandler: OperationHandler<OsPackageOperation, OsPackageRequest> = {
  runsCommands: true,
  templates: () => ['ACS-ECS-ConfigurePackage'],
  prepare: prepareOsPackage,
  findTimeouts:
    (_, { timeoutMs }) =>
    () =>
      timeoutMs,
  describeForAudit: ({ action, names }) => ({ action, osPackages: names }),
  showValues: () => [],
  restate: (_, operation) => operation,
  approvedKind: 'osPackages',
  stateWork({ action, installer, names, timeoutMs, allowRemovals = false, autoremove = false }) {
    const work: StatedOsPackages = {
      kind: 'osPackages',
      action,
      installer,
      names,
      timeoutMs,
      allowRemovals,
      autoremove,
    }
    return (planned) => (isWork(planned) ? [work] : [])
  },
  handOut(_, operation, { one: { id, executionId } }) {
    const { action, installer, names, timeoutMs, allowRemovals, autoremove } = operation
    return {
      id,
      executionId,
      extensionId: mutationKeyOf(operation, executionId, 0),
      extensionName: '',
      action: 'run',
      osPackages: {
        action,
        installer,
        names,
        ...(allowRemovals ? { allowRemovals } : {}),
        ...(autoremove ? { autoremove } : {}),
      },
      wanted: { ...makeRunConfiguration(undefined, { timeoutMs }), parameters: {}, parametersDigest: '0'.repeat(64) },
    }
  },
}

function prepareOsPackage(_: PlanContext, __: Pick<Actor, 'accountId'>, request: OsPackageRequest): PreparedOperation {
  if (request.names.length > maxOsPackages)
    throw chandlerError('RequestInvalid', { reason: `more than ${maxOsPackages} packages are specified` })
  const wrong = request.names.find((name) => !isOsPackageName(name))
  if (wrong !== undefined || request.names.length === 0) {
    const reason =
      wrong === undefined ? 'the package names are missing' : `${JSON.stringify(wrong)} is not a valid package name`
    throw chandlerError('RequestInvalid', { reason })
  }
  refuseAutoremove(request)
  const run = describeOsPackageRun(request)
  return {
    operation: { ...request, names: [...new Set(request.names)] },
    content: undefined,
    parts: [{ version: undefined, secret: {} }],
    extensionIds: [],
    plan: (inputs) => ({ planned: inputs.map((input) => planRun(run, input)), sets: [] }),
  }
}
