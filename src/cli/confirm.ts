import type { ExecutionRequest, PlanRequest } from '../protocol/api/executions.ts'
import type { PlanView } from '../protocol/api/plan/plans.ts'
import { askYes } from './ask-yes.ts'
import type { ApiRun } from './command/api-command.ts'
import { printPlanSummary } from './command/plan.ts'
import { countWithNoun } from './output/printable.ts'

interface AskOptions {
  readonly yes?: boolean
}

/** Only a user at a terminal can answer; a script runs without confirmation. */
const isAsking = ({ context, options }: ApiRun<AskOptions>) =>
  !options.yes && options.output === 'table' && context.out.isTerminal && context.stdin.isTTY === true

/**
 * On a terminal, shows the plan of a large change and asks for confirmation. Returns the digest of
 * the confirmed plan, which is what starts, or undefined if no confirmation was needed.
 */
export async function confirmPlan(
  run: ApiRun<AskOptions>,
  { what, always = false, hint }: { readonly what: string; readonly always?: boolean; readonly hint?: string },
  request: ExecutionRequest,
): Promise<string | undefined> {
  if (!isAsking(run)) return undefined
  const { client, context } = run
  const plan = await client.executions.plan(planRequestOf(request))
  const { none = 0, skip = 0 } = plan.counts
  const working = plan.targetCount - none - skip
  if (working === 0 || (working === 1 && !always && !plan.group?.isUnusual)) return plan.digest
  printPlanSummary(context.out, plan, request.whenOffline)
  if (hint !== undefined) context.out.line(hint)
  return (await ask(run, `${what} on ${countWithNoun(working, 'instance')}?`)) ? plan.digest : 'refused'
}

/** On a terminal, asks before starting a plan that was printed. */
export async function confirmKnownPlan(run: ApiRun<AskOptions>, what: string, plan: PlanView): Promise<boolean> {
  const { none = 0, skip = 0 } = plan.counts
  const working = plan.targetCount - none - skip
  return working === 0 || !isAsking(run) || ask(run, `${what} on ${countWithNoun(working, 'instance')}?`)
}

/** On a terminal, asks before retrying on several instances. */
export const confirmCount = async (run: ApiRun<AskOptions>, what: string, count: number): Promise<boolean> =>
  count <= 1 || !isAsking(run) || ask(run, `${what} on ${countWithNoun(count, 'instance')}?`)

/** On a terminal, asks before signing what was printed. */
export const confirmSigning = async (run: ApiRun<AskOptions>): Promise<boolean> =>
  !isAsking(run) || ask(run, 'Sign this plan?', 'signed')

async function ask({ context }: ApiRun<AskOptions>, prompt: string, done = 'started'): Promise<boolean> {
  if (await askYes(context, prompt)) return true
  context.err.line(`Cancelled: nothing was ${done}.`)
  return false
}

/** A start request without the settings that do not affect the plan. */
function planRequestOf(request: ExecutionRequest): PlanRequest {
  const { mode: _, clientToken: __, ifPlan: ___, description: ____, ...rest } = request
  const {
    tags: _tags,
    resourceGroup: _group,
    parentExecutionId: _parent,
    deliveryTimeoutMs: _timeout,
    startAt: _at,
    window: _window,
    ignoreFreezes: _freezes,
    confirmTargets: _confirmed,
    approval: _approval,
    ...prompt
  } = rest
  return prompt
}
