import type { Targets } from '../../../core/plan/targets.ts'
import type { AskedFor, ExecutionSummaryRecord } from '../../app/execution/read-executions.ts'
import type { PublicTemplate } from '../public-template/public-template.ts'
import { findPublicTemplate, publicTemplates } from '../public-template/public-templates.ts'
import { restateAsTemplate } from './operation-templates.ts'
import type { TemplateValues } from './read-template-values.ts'

/** The request of StartExecution, stored with the execution so that it can be shown again. */
export interface Origin {
  readonly templateName: string
  /** As given, `v12` for instance; absent = not given. */
  readonly templateVersion?: string | undefined
  /** The values of all parameters of the template, defaults included, each in its type. */
  readonly parameters: TemplateValues
  /**
   * `Parameters` as given, secrets masked, as JSON text: only the given ones, in their order and
   * with their types, because Terraform replaces an execution whose parameters read back
   * differently. Absent in executions of earlier releases.
   */
  readonly given?: string | undefined
  /** These three are as in the request; absent = not given. */
  readonly mode?: string | undefined
  readonly loopMode?: string | undefined
  readonly safetyCheck?: string | undefined
  readonly ramRole: string
  /** For instances that were named by their cloud's id: the instance's own id → the given id. */
  readonly aliases: Readonly<Record<string, string>>
}

/** An execution that was started another way is shown as its equivalent template. */
export function originOf(
  { execution }: ExecutionSummaryRecord,
  askedFor: AskedFor | undefined,
  region: string,
): Origin {
  if (askedFor?.origin) return askedFor.origin as Origin
  const { templateName, parameters } = restateAsTemplate(execution.operation)
  return {
    templateName,
    parameters: {
      regionId: region,
      ...parameters,
      ...(askedFor?.targets ? { targets: showTargets(askedFor.targets, region) } : {}),
      rateControl: showRateControl(execution.rate_control),
      OOSAssumeRole: '',
    },
    ramRole: '',
    aliases: {},
  }
}

/** `Parameters` as given. */
export const givenParameters = ({ given, parameters }: Origin): TemplateValues =>
  given === undefined ? parameters : JSON.parse(given)

/** The public template of an origin. */
export function templateOf({ templateName }: Pick<Origin, 'templateName'>): PublicTemplate {
  const template = findPublicTemplate(templateName) ?? publicTemplates[0]
  if (!template) throw new Error('there are no public templates')
  return template
}

/** Renders targets as OOS does. */
export function showTargets(targets: Targets, region: string): TemplateValues {
  switch (targets.kind) {
    case 'all':
      return { Type: 'All', RegionId: region }
    case 'ids':
      return { Type: 'ResourceIds', ResourceIds: targets.ids, RegionId: region }
    case 'names':
      return { Type: 'ResourceNames', ResourceNames: targets.names, RegionId: region }
    case 'tags':
      return {
        Type: 'Tags',
        Tags: Object.entries(targets.tags).map(([Key, Value]) => ({ Key, Value })),
        RegionId: region,
      }
    case 'group':
      return { Type: 'ResourceGroup', ResourceGroupId: targets.group, RegionId: region }
    case 'savedGroup':
      return { Type: 'Group', GroupName: targets.name, RegionId: region }
    case 'filter':
      // OOS has no equivalent; the native API and the console show it.
      return { Type: 'Filter', Filter: targets.filter, RegionId: region }
  }
}

function showRateControl(rateControl: ExecutionSummaryRecord['execution']['rate_control']): TemplateValues {
  const { mode, batchSizes, concurrency, maxErrors, batchPause } = rateControl
  return mode === 'Batch'
    ? {
        Mode: mode,
        MaxErrors: maxErrors,
        Batch: batchSizes,
        ConcurrencyInBatches: [concurrency],
        BatchPauseOption: batchPause,
      }
    : { Mode: mode, MaxErrors: maxErrors, Concurrency: concurrency }
}
