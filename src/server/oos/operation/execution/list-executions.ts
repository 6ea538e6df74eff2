import { z } from 'zod'
import { executionStatuses } from '../../../../core/execution/execution.ts'
import { executionModes } from '../../../../core/execution/rate-control.ts'
import { maxNoteLength } from '../../../../core/limits.ts'
import { findPermitted } from '../../../app/access/object-access.ts'
import {
  countSelected,
  type ExecutionOrder,
  type ExecutionPlace,
  readExecutions,
} from '../../../app/execution/read-executions.ts'
import { matchInstanceIds } from '../../../app/instance/get-instance.ts'
import { executionId } from '../../execution/labels.ts'
import { kindsOfTemplates } from '../../execution/operation-templates.ts'
import { showExecutions } from '../../execution/show-execution.ts'
import { defineOperation, type OosCall } from '../../operation.ts'
import { publicTemplates } from '../../public-template/public-templates.ts'
import { boolean, instant, jsonText, maxResults, nextToken, oneOf, tagsText, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'

const name = 'ListExecutions'

const parameters = z.strictObject({
  Categories: jsonText(z.array(z.string())).optional(),
  Category: text(64).optional(),
  Depth: oneOf('RootDepth', 'FirstChildDepth').optional(),
  Description: text(maxNoteLength).optional(),
  EndDateAfter: instant().optional(),
  EndDateBefore: instant().optional(),
  ExecutedBy: text(256).optional(),
  ExecutionId: executionId().optional(),
  IncludeChildExecution: boolean().optional(),
  MaxResults: maxResults(),
  Mode: oneOf(...executionModes).optional(),
  NextToken: nextToken(),
  ParentExecutionId: executionId().optional(),
  RamRole: text(256).optional(),
  ResourceGroupId: text(64).optional(),
  ResourceId: text(128).optional(),
  ResourceTemplateName: text(200).optional(),
  SortField: oneOf('StartDate', 'EndDate', 'Status').default('StartDate'),
  SortOrder: oneOf('Ascending', 'Descending').default('Descending'),
  StartDateAfter: instant().optional(),
  StartDateBefore: instant().optional(),
  Status: oneOf(...executionStatuses, 'Pending', 'Skipped').optional(),
  Tags: tagsText().optional(),
  TemplateName: text(200).optional(),
})
type Input = z.infer<typeof parameters>

const placeSchema = z.tuple([z.string(), z.string().nullable(), z.iso.datetime(), z.string()])

export const listExecutions = defineOperation({
  name,
  state: 'works',
  parameters,
  resources: ({ ExecutionId }) => [`execution/${ExecutionId ?? '*'}`],
  async run(call, input) {
    const { context, actor } = call
    const { MaxResults } = input
    const order: ExecutionOrder = { by: orders[input.SortField], ascending: input.SortOrder === 'Ascending' }
    const sorting = `${order.by} ${input.SortOrder}`
    const after = readPlace(input.NextToken, sorting, order)
    const selection = await select(call, input)
    if (selection === undefined) return { Executions: [], MaxResults, NextToken: '', TotalCount: 0 }
    const views = await readExecutions(context, actor, selection, { order, after, limit: MaxResults + 1 })
    const page = makeOosPage(
      name,
      views,
      MaxResults,
      ({ execution: { status, created_at: createdAt, ended_at: endedAt, id } }) => [
        sorting,
        order.by === 'status' ? status : order.by === 'ended' ? (endedAt?.toISOString() ?? null) : null,
        createdAt.toISOString(),
        id,
      ],
      (view) => view,
    )
    return {
      Executions: await showExecutions(call, page.items, { outputs: input.ExecutionId !== undefined }),
      MaxResults,
      NextToken: page.NextToken,
      TotalCount: await countSelected(context, actor, selection),
    }
  },
})

const orders = { StartDate: 'created', EndDate: 'ended', Status: 'status' } as const

function readPlace(token: string | undefined, sorting: string, order: ExecutionOrder): ExecutionPlace | undefined {
  const place = parseNextToken(
    name,
    token,
    placeSchema.refine(([given]) => given === sorting),
  )
  if (!place) return undefined
  const [, key, createdAt, id] = place
  const shown = key === null ? undefined : order.by === 'ended' ? new Date(key) : key
  return { key: shown, createdAt: new Date(createdAt), id }
}

/** Undefined if no execution can match. */
async function select({ context, actor }: OosCall, input: Input) {
  const { Status, Category, Categories, ResourceId } = input
  if (Status === 'Pending' || Status === 'Skipped') return undefined
  if ((Category ?? 'Other') !== 'Other' || (Categories && !Categories.includes('Other'))) return undefined
  const instanceId = ResourceId === undefined ? undefined : await findInstance(context, actor, ResourceId)
  return {
    permitted: findPermitted(context, actor, 'oos:ListExecutions', 'execution'),
    status: Status,
    id: input.ExecutionId,
    mode: input.Mode,
    tags: input.Tags,
    resourceGroup: input.ResourceGroupId,
    parentExecutionId: input.ParentExecutionId,
    depth: findDepth(input),
    createdBy: input.ExecutedBy,
    description: input.Description,
    ramRole: input.RamRole,
    instanceId,
    templates: findTemplates([input.TemplateName, input.ResourceTemplateName]),
    createdAfter: input.StartDateAfter,
    createdBefore: input.StartDateBefore,
    endedAfter: input.EndDateAfter,
    endedBefore: input.EndDateBefore,
  }
}

/**
 * An execution that is named by id or by parent is returned at any depth, unless a depth is given.
 */
function findDepth(input: Input): 'root' | 'children' | undefined {
  const { Depth, ExecutionId, IncludeChildExecution, ParentExecutionId } = input
  if (Depth !== undefined) return Depth === 'RootDepth' ? 'root' : 'children'
  const named = ExecutionId !== undefined || ParentExecutionId !== undefined
  return IncludeChildExecution === false && !named ? 'root' : undefined
}

/** A removed instance can still be named by its own id, because its executions remain. */
async function findInstance(context: OosCall['context'], actor: OosCall['actor'], id: string): Promise<string> {
  const [found] = (await matchInstanceIds(context, actor, [id])).get(id) ?? []
  return found ?? id
}

/** Names match by substring, as in the lists of templates (reference §6.7). */
function findTemplates(wanted: readonly (string | undefined)[]) {
  const parts = wanted.filter((part) => part !== undefined)
  if (parts.length === 0) return undefined
  const names = publicTemplates
    .map((template) => template.name)
    .filter((one) => parts.every((part) => one.includes(part)))
  return { names, kinds: kindsOfTemplates(names) }
}
