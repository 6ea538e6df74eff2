import Box from '@cloudscape-design/components/box'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import type { AccessKeyView } from '../../../../../src/protocol/api/access-keys.ts'
import { ConfirmDialog } from '../../../app/dialog/confirm-dialog.tsx'
import { useFlashes } from '../../../app/flashes.tsx'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { When } from '../../../app/when.tsx'
import { useAction } from '../../../data/use-action.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { AccessTable } from '../access-table.tsx'
import { Buttons } from '../buttons.tsx'
import { useAll } from '../use-all.ts'
import { CreateKey } from './create-key.tsx'

type Dialog = { readonly kind: 'create' } | { readonly kind: 'disable' | 'delete'; readonly key: AccessKeyView }

const changing = (key: AccessKeyView | undefined) =>
  key && { action: 'ram:UpdateAccessKey', resource: `access-key/${key.id}` }

const keyIndicators = { enabled: 'success', disabled: 'stopped', expired: 'stopped' } as const

export function KeysTab() {
  const { access } = useTexts()
  const { keys: texts, column } = access
  const flashes = useFlashes()
  const query = useAll('keys', (client) => client.accessKeys.list)
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  const enabling = useAction(
    async (client, id: string) => {
      await client.accessKeys.enable(id)
      return true
    },
    ['access/'],
  )
  const enable = async (id: string) => {
    if (await enabling.run(id)) flashes.success(texts.wasEnabled(id))
  }
  const confirmations = {
    disable: { title: texts.disableTitle, detail: texts.disableDetail, done: texts.wasDisabled },
    delete: { title: texts.deleteTitle, detail: texts.deleteDetail, done: texts.deleted },
  }
  const confirmation = dialog && dialog.kind !== 'create' ? { ...dialog, ...confirmations[dialog.kind] } : undefined
  const create = (
    <PermittedButton
      permission={{ action: 'ram:CreateAccessKey', resource: 'user/*' }}
      variant="primary"
      onClick={() => setDialog({ kind: 'create' })}
    >
      {texts.create}
    </PermittedButton>
  )
  const actions = (key: AccessKeyView | undefined) => (
    <Buttons>
      {key?.status === 'disabled' ? (
        <PermittedButton permission={changing(key)} loading={enabling.isRunning} onClick={() => void enable(key.id)}>
          {texts.enable}
        </PermittedButton>
      ) : (
        <PermittedButton
          permission={changing(key)}
          disabled={key?.status !== 'enabled'}
          onClick={() => key && setDialog({ kind: 'disable', key })}
        >
          {texts.disable}
        </PermittedButton>
      )}
      <PermittedButton
        permission={key && { action: 'ram:DeleteAccessKey', resource: `access-key/${key.id}` }}
        disabled={!key}
        onClick={() => key && setDialog({ kind: 'delete', key })}
      >
        {texts.delete}
      </PermittedButton>
      {create}
    </Buttons>
  )
  return (
    <>
      <ProblemAlert error={enabling.error} />
      <AccessTable
        tab="keys"
        query={query}
        description={texts.description}
        idOf={({ id }) => id}
        textOf={({ id, userName, description }) => [id, userName, description].join(' ')}
        actions={actions}
        empty={{ title: texts.empty, detail: texts.emptyDetail, action: create }}
        columns={[
          { id: 'id', header: column.id, minWidth: 180, sortBy: ({ id }) => id, cell: ({ id }) => id },
          { id: 'user', header: column.user, sortBy: ({ userName }) => userName, cell: ({ userName }) => userName },
          { id: 'kind', header: texts.kind, sortBy: ({ kind }) => kind, cell: ({ kind }) => texts.kinds[kind] },
          { id: 'description', header: column.description, minWidth: 160, cell: ({ description }) => description },
          {
            id: 'status',
            header: column.status,
            sortBy: ({ status }) => status,
            cell: ({ status }) => <StatusIndicator type={keyIndicators[status]}>{texts[status]}</StatusIndicator>,
          },
          { id: 'created', header: column.created, time: ({ createdAt }) => createdAt },
          {
            id: 'used',
            header: column.lastUsed,
            sortBy: ({ lastUsedAt = '' }) => lastUsedAt,
            cell: ({ lastUsedAt, lastUsedFrom }) => (
              <>
                <When at={lastUsedAt} />
                {lastUsedFrom !== undefined && <Box color="text-body-secondary">{lastUsedFrom}</Box>}
              </>
            ),
          },
          { id: 'expires', header: column.expires, time: ({ expiresAt }) => expiresAt },
          { id: 'disabled', header: column.disabled, time: ({ disabledAt }) => disabledAt },
        ]}
      />
      {dialog?.kind === 'create' && <CreateKey onClose={close} />}
      {confirmation && (
        <ConfirmDialog
          title={confirmation.title(confirmation.key.id)}
          detail={confirmation.detail(confirmation.key.userName)}
          submit={texts[confirmation.kind]}
          done={confirmation.done(confirmation.key.id)}
          act={(client) => client.accessKeys[confirmation.kind](confirmation.key.id)}
          refreshes={['access/']}
          onClose={close}
        />
      )}
    </>
  )
}
