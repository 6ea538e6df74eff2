import { parseTargetList } from '../../../../../src/client/target-list.ts'
import { type Targets, validateTargets } from '../../../../../src/core/plan/targets.ts'
import type { BatchPageState, UnsharedInput } from '../batch-state.ts'

export type ReadTargets =
  | { readonly targets: Targets }
  /** No targets specified yet. */
  | { readonly problem: 'none' }
  | { readonly problem: 'mixed'; readonly line: number; readonly entry: string; readonly first: string }
  | { readonly problem: 'quotes'; readonly line: number }
  | { readonly problem: 'invalid'; readonly reason: string }

/** The specified targets, or why they are invalid. */
export function readTargetForm(
  {
    by,
    instances,
    tags,
    group,
    savedGroup,
    filter,
  }: Pick<BatchPageState, 'by' | 'instances' | 'tags' | 'group' | 'savedGroup' | 'filter'>,
  { list }: Pick<UnsharedInput, 'list'>,
): ReadTargets {
  switch (by) {
    case 'all':
      return { targets: { kind: 'all' } }
    case 'pick':
      return instances.length === 0 ? { problem: 'none' } : check({ kind: 'ids', ids: [...new Set(instances)] })
    case 'group':
      return group.trim() === '' ? { problem: 'none' } : check({ kind: 'group', group: group.trim() })
    case 'savedGroup':
      return savedGroup === '' ? { problem: 'none' } : check({ kind: 'savedGroup', name: savedGroup })
    case 'filter':
      return filter === '' ? { problem: 'none' } : check({ kind: 'filter', filter })
    case 'tags': {
      const named = tags.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value.trim()])
      return named.length === 0 ? { problem: 'none' } : check({ kind: 'tags', tags: Object.fromEntries(named) })
    }
    case 'list': {
      const parsed = parseTargetList(list)
      if ('targets' in parsed) return check(parsed.targets)
      return parsed.problem === 'empty' ? { problem: 'none' } : parsed
    }
  }
}

function check(targets: Targets): ReadTargets {
  const reason = validateTargets(targets)
  return reason === undefined ? { targets } : { problem: 'invalid', reason }
}
