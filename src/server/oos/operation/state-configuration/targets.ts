import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { everyInstance } from '../../../../core/instance/group.ts'
import { type FilterToken, renderInstanceFilter } from '../../../../core/instance/instance-filter.ts'
import type { ConfiguredTargets } from '../../../app/assignment/state-configurations.ts'
import { findInstanceIds } from '../../../app/instance/get-instance.ts'
import { readTargets } from '../../execution/read-targets.ts'
import type { OosCall } from '../../operation.ts'

const groupFilter = z.strictObject({ Type: z.literal('Group'), GroupName: z.string().min(1).max(64) })

/** @throws RequestParameterInvalid, InstanceNotFound */
export async function readConfiguredTargets(
  { context, actor }: OosCall,
  { Filters: [given] }: { readonly Filters: readonly unknown[] },
): Promise<ConfiguredTargets> {
  const named = groupFilter.safeParse(given)
  if (named.success) return { group: named.data.GroupName }
  const targets = readTargets(given, 'Targets.Filters')
  const all = (...tokens: FilterToken[]) => ({ filter: renderInstanceFilter(tokens) })
  const equal = { operator: '=' } as const
  switch (targets.kind) {
    case 'all':
      return { filter: everyInstance }
    case 'tags':
      return all(
        ...Object.entries(targets.tags).map(([key, value]) => ({ property: 'tag' as const, key, value, ...equal })),
      )
    case 'group':
      return all({ property: 'group', value: targets.group, ...equal })
    case 'ids': {
      const [id] = (await findInstanceIds(context, actor, targets.ids)).values()
      if (id !== undefined && targets.ids.length === 1) return all({ property: 'id', value: id, ...equal })
      throw refuse('ResourceIds: one instance is supported; use Tags for several')
    }
    case 'savedGroup':
    case 'filter':
      throw refuse('Type must be All, Tags, ResourceGroup, ResourceIds or Group')
  }
}

const refuse = (reason: string) =>
  chandlerError('RequestParameterInvalid', { name: 'Targets.Filters', reason: `is not understood: ${reason}` })

/** The targets of an assignment of the native API. */
export const showGroupTargets = (group: string): string =>
  JSON.stringify({ ResourceType: 'ALIYUN::ECS::Instance', Filters: [{ Type: 'Group', GroupName: group }] })
