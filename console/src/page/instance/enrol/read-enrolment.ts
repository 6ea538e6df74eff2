import type { JoinTokenInput } from '../../../../../src/protocol/api/instances.ts'
import { readTagLines } from '../../../app/tag/tag-lines.ts'
import type { Catalogue } from '../../../i18n/catalogue.ts'
import { noTokenLimits, readTokenLimits, type TokenLimits } from '../../access/token/token-limits-fields.tsx'

/** Raw form input. */
export interface EnrolmentTexts {
  readonly ttlMs: string
  readonly uses: string
  readonly tags: string
  readonly group: string
  readonly limits: TokenLimits
}

export const emptyEnrolment: EnrolmentTexts = {
  ttlMs: '3600000',
  uses: '1',
  tags: '',
  group: '',
  limits: noTokenLimits,
}

const maxUses = 1_000_000

/** The token request, or problems by field. */
export function readEnrolment(
  { ttlMs, uses, tags, group, limits }: EnrolmentTexts,
  tagTexts: Catalogue['data']['tags'],
): { readonly input: JoinTokenInput } | { readonly wrong: { readonly uses: boolean; readonly tags: boolean } } {
  const readUses = uses.trim()
  const isUsesWrong =
    readUses !== '' && !(/^\d{1,7}$/.test(readUses) && Number(readUses) >= 1 && Number(readUses) <= maxUses)
  const read = readTagLines(tags, tagTexts)
  if (isUsesWrong || 'problem' in read) return { wrong: { uses: isUsesWrong, tags: 'problem' in read } }
  return {
    input: {
      ttlMs: Number(ttlMs),
      tags: read.tags,
      resourceGroup: group.trim(),
      uses: readUses === '' ? 'unlimited' : Number(readUses),
      ...readTokenLimits(limits),
    },
  }
}
