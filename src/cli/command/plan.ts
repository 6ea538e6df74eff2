import type { Command } from 'commander'
import type { Client } from '../../client/client.ts'
import type { ResultPage } from '../../client/pages.ts'
import type { OfflinePolicy } from '../../core/execution/when-offline.ts'
import { type Action, actions } from '../../core/extension/extension.ts'
import type { PlanView } from '../../protocol/api/plan/plans.ts'
import type { CliContext } from '../context.ts'
import { showValues } from '../output/format.ts'
import { countWithNoun } from '../output/printable.ts'
import type { Sink } from '../output/sink.ts'
import { streamDocument } from '../output/stream-document.ts'
import { printTable } from '../output/table.ts'
import { showOperation } from '../progress/show-operation.ts'
import { addPlanOptions, makePlanRequest, type PlanOptions } from '../start-options.ts'
import { type ApiRun, apiCommand, type Register } from './api-command.ts'

export const registerPlan: Register = (parent, context) => {
  const noun = parent
    .command('plan')
    .description('show what an install, update or uninstall would do on each target, and why')
  for (const action of actions) registerPlanOf(noun, context, action)
}

function registerPlanOf(noun: Command, context: CliContext, action: Action): void {
  const command = apiCommand<PlanOptions>(
    noun,
    context,
    `${action} <names...>`,
    `show the plan of an ${action} without starting it`,
    async (run, names: string[]) =>
      showPlan(
        run,
        await run.client.executions.plan(await makePlanRequest(run.client, action, names, run.options)),
        run.options.whenOffline,
      ),
  )
  addPlanOptions(command, action)
}

/** Prints a plan with all targets, as a table or as a document. */
export async function showPlan(
  { client, context, options }: ApiRun<object>,
  { targets, nextToken, ...summary }: PlanView,
  whenOffline?: OfflinePolicy,
): Promise<void> {
  const items = listPlanTargets(client, summary.id, { items: targets, nextToken })
  if (options.output !== 'table') {
    await streamDocument(context.out, options.output, summary, { name: 'targets', items })
    return
  }
  const all: PlannedTarget[] = []
  for await (const target of items) all.push(target)
  printPlan(context, summary, all, whenOffline)
}

/** All targets of a plan; the first page is already loaded. */
async function* listPlanTargets(
  client: Client,
  id: string,
  first: ResultPage<PlannedTarget>,
): AsyncGenerator<PlannedTarget> {
  let page = first
  yield* page.items
  while (page.nextToken !== undefined) {
    page = await client.executions.listPlanTargets(id, page)
    yield* page.items
  }
}

type PlannedTarget = PlanView['targets'][number]
type PlanSummary = Omit<PlanView, 'targets' | 'nextToken'>

function printPlan(
  { out }: CliContext,
  plan: PlanSummary,
  targets: readonly PlannedTarget[],
  whenOffline?: OfflinePolicy,
): void {
  printTable(
    out,
    targets,
    [
      { title: 'instance', text: ({ instanceId }) => instanceId },
      { title: 'name', text: ({ instanceName }) => instanceName },
      { title: 'batch', text: ({ batch }) => batch },
      {
        title: 'step',
        text: showStep,
        style: ({ step }) => (step === 'skip' ? 'yellow' : step === 'none' ? 'dim' : undefined),
      },
      { title: 'offline', text: ({ offline }) => (offline ? 'offline' : undefined), style: () => 'yellow' },
      { title: 'why', text: ({ reason }) => reason },
    ],
    'no targets',
  )
  out.line()
  printPlanSummary(out, plan, whenOffline)
}

/** Targets per step, and concurrency. */
export function printPlanSummary(out: Sink, plan: PlanSummary, whenOffline?: OfflinePolicy): void {
  const counts = Object.entries(plan.counts).filter(([, count]) => count > 0)
  out.line(`${showOperation(plan)}: ${counts.map(([step, count]) => `${count} ${step}`).join(', ') || 'nothing to do'}`)
  for (const { extension, values } of plan.parameters) {
    const text = showValues(values, extension)
    if (text !== undefined)
      out.line(`parameters for new installs, unless values are declared for the instance: ${text}`)
  }
  if (plan.group?.isUnusual)
    out.line(`the group ${plan.group.name} now matches all ${countWithNoun(plan.group.total, 'instance')}`)
  const working = plan.batchSizes.reduce((sum, size) => sum + size, 0)
  if (plan.offlineCount > 0)
    out.line(`${countWithNoun(plan.offlineCount, 'target')} offline: ${offlineTexts[whenOffline ?? 'default']}`)
  if (working === 0) return out.line(`expected result: ${showVerdict(plan)}`)
  const shown = plan.batchSizes.slice(0, 12).join(', ') + (plan.batchSizes.length > 12 ? ', …' : '')
  const batches = plan.batchSizes.length > 1 ? `${countWithNoun(plan.batchSizes.length, 'batch')} of ${shown}; ` : ''
  out.line(
    `${batches}${plan.concurrency} at once; nothing new starts after more than ${countWithNoun(plan.maxErrors, 'failure')}`,
  )
  out.line(`expected result if every change succeeds: ${showVerdict(plan)}`)
}

const offlineTexts: Readonly<Record<OfflinePolicy | 'default', string>> = {
  default: 'the execution waits for each, 10 minutes by default (--when-offline wait, skip or fail)',
  wait: 'they get their work when they return',
  skip: 'left out',
  fail: 'their tasks fail after 30 s',
}

const showVerdict = ({ verdict }: PlanSummary) => `${verdict.status}: ${verdict.reason}`

const showStep = ({ step, fromVersion, toVersion }: PlanView['targets'][number]) =>
  step === 'update' && fromVersion && toVersion
    ? `update ${fromVersion} to ${toVersion}`
    : step === 'none'
      ? 'nothing to do'
      : step
