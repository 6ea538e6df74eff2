import Box from '@cloudscape-design/components/box'
import Popover from '@cloudscape-design/components/popover'
import type { AuditEntry } from '../../../../../src/protocol/api/audit-log.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { renderAuditDetail } from './audit-resource.ts'

/** Longer details would make a row as long as a page. */
const shownLength = 80

export function AuditDetail({ entry: { action, detail: own, accessKeyId } }: { readonly entry: AuditEntry }) {
  const { access, data } = useTexts()
  const detail = accessKeyId === undefined ? own : { ...own, accessKeyId }
  const text = renderAuditDetail(detail)
  if (text === '') return data.none
  if (text.length <= shownLength) return text
  return (
    <Popover
      size="large"
      fixedWidth
      renderWithPortal
      header={access.audit.detailOf(action)}
      content={<Box variant="pre">{JSON.stringify(detail, undefined, 2)}</Box>}
    >
      {text.slice(0, shownLength)}…
    </Popover>
  )
}
