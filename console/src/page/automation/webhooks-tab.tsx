import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { ConfirmDialog } from '../../app/dialog/confirm-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { useUrlState } from '../../url/use-url-state.ts'
import { AutomationTable } from './automation-table.tsx'
import { automationUrl } from './automation-url.ts'
import { CreateWebhook } from './create-webhook.tsx'
import { DeliveriesTable } from './deliveries-table.tsx'

/** Webhooks, and the deliveries of the selected one. */
export function WebhooksTab() {
  const { automation } = useTexts()
  const { webhooks: texts, column } = automation
  const flashes = useFlashes()
  const [{ selected }] = useUrlState(automationUrl)
  const query = useQuery('automation/webhooks', (client) => client.webhooks.list())
  const [dialog, setDialog] = useState<'create' | { readonly deleted: string }>()
  const close = () => setDialog(undefined)
  const test = useAction(async (client, name: string) => await client.webhooks.test(name), ['automation/'])
  const sendTest = async (name: string) => {
    if (await test.run(name)) flashes.success(texts.tested(name))
  }
  const permissionOf = (name: string | undefined, action: string) =>
    name === undefined ? undefined : { action: `chandler:${action}Webhook`, resource: `webhook/${name}` }
  const shown = query.data?.items.find(({ name }) => name === selected)
  return (
    <SpaceBetween size="l">
      {test.error && <ProblemAlert error={test.error} />}
      <AutomationTable
        title={automation.tabs.webhooks}
        description={texts.description}
        query={query}
        idOf={({ name }) => name}
        empty={{ title: texts.empty, detail: texts.emptyDetail }}
        actions={(webhook) => (
          <SpaceBetween direction="horizontal" size="xs">
            <PermittedButton
              permission={permissionOf(webhook?.name, 'Delete')}
              disabled={!webhook}
              onClick={() => webhook && setDialog({ deleted: webhook.name })}
            >
              {texts.delete}
            </PermittedButton>
            <PermittedButton
              permission={permissionOf(webhook?.name, 'Test')}
              disabled={!webhook}
              loading={test.isRunning}
              onClick={() => webhook && void sendTest(webhook.name)}
            >
              {texts.test}
            </PermittedButton>
            <PermittedButton
              permission={permissionOf('*', 'Create')}
              variant="primary"
              onClick={() => setDialog('create')}
            >
              {texts.create}
            </PermittedButton>
          </SpaceBetween>
        )}
        columns={[
          { id: 'name', header: column.name, cell: ({ name }) => name },
          { id: 'format', header: column.format, cell: ({ format }) => format },
          { id: 'url', header: column.url, minWidth: 200, cell: ({ url }) => url },
          {
            id: 'state',
            header: column.state,
            minWidth: 140,
            cell: ({ failures }) => (
              <StatusIndicator type={failures === 0 ? 'success' : 'error'}>
                {failures === 0 ? texts.ok : texts.failing(failures)}
              </StatusIndicator>
            ),
          },
          { id: 'pending', header: column.pending, cell: ({ pending }) => pending },
          { id: 'failed', header: column.failed, cell: ({ failed }) => failed },
        ]}
      />
      {shown && <DeliveriesTable webhook={shown.name} />}
      {dialog === 'create' && <CreateWebhook onClose={close} />}
      {typeof dialog === 'object' && (
        <ConfirmDialog
          title={texts.deleteTitle(dialog.deleted)}
          detail={texts.deleteDetail}
          submit={texts.delete}
          done={texts.deleted(dialog.deleted)}
          act={(client) => client.webhooks.delete(dialog.deleted)}
          refreshes={['automation/']}
          onClose={close}
        />
      )}
    </SpaceBetween>
  )
}
