import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import type { ExecutionSummary } from '../../../../src/protocol/api/executions.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { When } from '../../app/when.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ApprovalDialog } from '../execution/approval-dialog.tsx'
import { AutomationTable } from './automation-table.tsx'

/** More executions than can wait at once. */
const maxWaiting = 1_000

/** Executions whose next batch needs an approval. */
export function ApprovalsTab() {
  const { automation, executions } = useTexts()
  const { approvals: texts, column } = automation
  // The key begins like that of executions, whose changes the server announces.
  const query = useQuery('executions/approvals', async (client) => {
    const { items } = await client.executions.list({ status: 'Waiting', maxResults: maxWaiting })
    return { items: items.filter(needsApproval) }
  })
  const [dialog, setDialog] = useState<{ execution: ExecutionSummary; decision: 'approve' | 'reject' }>()
  return (
    <>
      <AutomationTable
        title={automation.tabs.approvals}
        description={texts.description}
        query={query}
        idOf={({ id }) => id}
        empty={{ title: texts.empty, detail: texts.emptyDetail }}
        actions={(execution) =>
          (['reject', 'approve'] as const).map((decision) => (
            <PermittedButton
              key={decision}
              permission={execution && { action: 'chandler:ApproveExecution', resource: `execution/${execution.id}` }}
              disabled={!execution}
              variant={decision === 'approve' ? 'primary' : 'normal'}
              onClick={() => execution && setDialog({ execution, decision })}
            >
              {texts[decision]}
            </PermittedButton>
          ))
        }
        columns={[
          {
            id: 'execution',
            header: column.execution,
            minWidth: 200,
            cell: ({ id, operation, description }) => (
              <>
                <Link href={`/executions/${id}`}>{executions.nameOperation(operation)}</Link>
                <Box variant="small" display="block">
                  {description === '' ? id : description}
                </Box>
              </>
            ),
          },
          {
            id: 'reason',
            header: column.reason,
            minWidth: 240,
            cell: (execution) => executions.explainReason(execution),
          },
          { id: 'startedBy', header: column.startedBy, cell: ({ createdBy }) => createdBy },
          { id: 'since', header: column.since, cell: ({ createdAt }) => <When at={createdAt} /> },
        ]}
      />
      {dialog && <ApprovalDialog {...dialog} onClose={() => setDialog(undefined)} />}
    </>
  )
}

const needsApproval = ({ reasonMessages = [] }: ExecutionSummary) =>
  reasonMessages.some(({ code }) => code === 'GateNeedsApproval')
