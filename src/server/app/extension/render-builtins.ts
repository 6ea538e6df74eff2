import type { BuiltinName } from '../../../core/template/placeholder.ts'
import type { ExecutionOperationRow } from '../../../store/execution/executions.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import { showAccount } from '../access/show-account.ts'
import type { AppContext } from '../context.ts'

/**
 * The values of `{{ ACS::<name> }}` in the scripts of an invocation. The time is that of the
 * hand-out; an agent that already has the invocation ignores a repeated hand-out.
 * @param commandId the id of the extension
 */
export function renderBuiltins(
  { region, clock, accountName }: Pick<AppContext, 'region' | 'clock' | 'accountName'>,
  { id, executionId, instanceId, instanceName }: HandedOut,
  { account_id: accountId, created_by: createdBy }: ExecutionOperationRow,
  commandId: string,
): Record<BuiltinName, string> {
  const now = new Date(clock.now()).toISOString()
  return {
    RegionId: region,
    AccountId: showAccount({ accountName }, accountId),
    InstanceId: instanceId,
    InstanceName: instanceName,
    ExecutionId: executionId,
    InvokeId: id,
    CommandId: commandId,
    ExecuteUser: createdBy,
    CurrentUTCTime: `${now.slice(0, 19)}Z`,
    CurrentDate: now.slice(0, 10),
    TaskLoopItem: instanceId,
  }
}
