import { z } from 'zod'
import { batchPauses, executionModes } from '../../../../core/execution/rate-control.ts'
import { defaultDeliveryTimeoutMs } from '../../../../core/limits.ts'
import type { Targets } from '../../../../core/plan/targets.ts'
import { authorise, resourceFor } from '../../../app/access/authorise.ts'
import { requirePermitted } from '../../../app/access/object-access.ts'
import { readExecution } from '../../../app/execution/read-executions.ts'
import { startExecution as start } from '../../../app/execution/start-execution.ts'
import { findInstanceIds } from '../../../app/instance/get-instance.ts'
import { findNamedTemplate } from '../../execution/find-template.ts'
import { clientToken, executionId, executionLabels } from '../../execution/labels.ts'
import { maskAsShown } from '../../execution/mask-as-shown.ts'
import type { Origin } from '../../execution/origin.ts'
import { readOperation } from '../../execution/read-operation.ts'
import { readRateControl } from '../../execution/read-rate-control.ts'
import { readTargets } from '../../execution/read-targets.ts'
import { readTemplateValues, type TemplateValues } from '../../execution/read-template-values.ts'
import { showExecutions, showStarted } from '../../execution/show-execution.ts'
import { defineOperation, type OosCall } from '../../operation.ts'
import type { PublicTemplate } from '../../public-template/public-template.ts'
import { givenOneOf, jsonText, text } from '../../rpc/fields.ts'
import { refuseStoreReferences } from '../../rpc/refuse-store-references.ts'

export const startExecution = defineOperation({
  name: 'StartExecution',
  state: {
    partly:
      'public templates only; `ConcurrencyInBatches` is one number for all batches (the smallest, if several are set); `OOSAssumeRole` is stored and returned, but the execution has the permissions of its user',
  },
  parameters: z.strictObject({
    ...executionLabels,
    ClientToken: clientToken(),
    LoopMode: givenOneOf(...batchPauses).optional(),
    Mode: givenOneOf(...executionModes).optional(),
    Parameters: jsonText(z.record(z.string(), z.unknown()).nullable()).default({}),
    ParentExecutionId: executionId().optional(),
    SafetyCheck: givenOneOf('ConfirmEveryHighRiskAction', 'Skip').optional(),
    TemplateContent: text().optional(),
    TemplateName: text(200).optional(),
    TemplateURL: text(2_048).optional(),
    TemplateVersion: text(64).optional(),
  }),
  resources: ({ TemplateName }) => (TemplateName === undefined ? [] : [`template/${TemplateName}`]),
  async run(call, input) {
    const { context, actor } = call
    const template = findNamedTemplate(input)
    refuseStoreReferences('Parameters', input.Parameters)
    const values = fillIn(call, readTemplateValues(template, input.Parameters ?? {}))
    const operation = await readOperation(call, template, values, (extensions) =>
      authoriseUse(call, template, extensions),
    )
    const targets = await findTargets(call, values.targets)
    const origin: Origin = {
      templateName: template.name,
      templateVersion: input.TemplateVersion,
      parameters: operation.shown,
      mode: input.Mode?.given,
      loopMode: input.LoopMode?.given,
      safetyCheck: input.SafetyCheck?.given,
      ramRole: String(values.OOSAssumeRole),
      aliases: targets.aliases,
    }
    const { id } = await start(context, actor, {
      operation: operation.request,
      targets: targets.targets,
      rateControl: readRateControl(values.rateControl, input.LoopMode?.word),
      mode: input.Mode?.word ?? 'Automatic',
      clientToken: input.ClientToken,
      description: input.Description ?? '',
      deliveryTimeoutMs: defaultDeliveryTimeoutMs,
      tags: input.Tags ?? {},
      resourceGroup: input.ResourceGroupId ?? '',
      parentExecutionId: input.ParentExecutionId,
      origin,
      givenParameters: JSON.stringify(maskAsShown(input.Parameters ?? {}, operation.shown)),
    })
    const [shown] = await showExecutions(call, [await readExecution(context, actor, id)])
    return { Execution: showStarted(shown ?? {}) }
  },
})

/** Replaces the references that declarations have as defaults. */
function fillIn({ context: { region } }: OosCall, values: TemplateValues): TemplateValues {
  const regionId = String(values.regionId).replace(/^\{\{ *ACS::RegionId *\}\}$/i, region)
  return { ...values, regionId }
}

/**
 * The user also needs these permissions: an execution has the permissions of the user who starts
 * it, and GenerateExecutionPolicy names them.
 */
function authoriseUse({ context, actor }: OosCall, template: PublicTemplate, extensions: readonly string[]): void {
  for (const action of template.actions) {
    // Each target is authorised when it is planned.
    if (action.startsWith('ecs:')) {
      requirePermitted(context, actor, action, 'instance')
      continue
    }
    const resources = action.startsWith('oos:') ? extensions.map((name) => `template/${name}`) : ['*']
    for (const relative of resources)
      authorise(context, actor, { action, resource: resourceFor(context, actor, action, relative) })
  }
}

/**
 * Ids may be those of the instances' clouds: the given ids are stored, so that responses use them.
 */
async function findTargets(
  { context, actor }: OosCall,
  given: unknown,
): Promise<{ readonly targets: Targets; readonly aliases: Readonly<Record<string, string>> }> {
  const targets = readTargets(given)
  if (targets.kind !== 'ids') return { targets, aliases: {} }
  const found = await findInstanceIds(context, actor, targets.ids)
  const aliases = [...found].filter(([name, id]) => name !== id).map(([name, id]) => [id, name])
  return { targets: { kind: 'ids', ids: [...new Set(found.values())] }, aliases: Object.fromEntries(aliases) }
}
