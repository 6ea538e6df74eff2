import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import type { JoinTokenView } from '../../../../../src/protocol/api/instances.ts'
import { ConfirmDialog } from '../../../app/dialog/confirm-dialog.tsx'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { AccessTable } from '../access-table.tsx'
import { Buttons } from '../buttons.tsx'
import { useAll } from '../use-all.ts'
import { CreateToken } from './create-token.tsx'
import { findTokenStatus, type TokenStatus } from './token-status.ts'

const statusTypes = { active: 'success', expired: 'stopped', usedUp: 'stopped' } as const satisfies Record<
  TokenStatus,
  string
>

export function TokensTab() {
  const { access, data } = useTexts()
  const { tokens: texts, column } = access
  const query = useAll('tokens', (client) => client.joinTokens.list)
  const [dialog, setDialog] = useState<'create' | JoinTokenView>()
  const close = () => setDialog(undefined)
  const create = (
    <PermittedButton
      permission={{ action: 'chandler:CreateJoinToken', resource: 'join-token/*' }}
      variant="primary"
      onClick={() => setDialog('create')}
    >
      {texts.create}
    </PermittedButton>
  )
  return (
    <>
      <AccessTable
        tab="tokens"
        query={query}
        description={texts.description}
        idOf={({ id }) => id}
        textOf={({ id, role, resourceGroup, tags }) => [id, role, resourceGroup, renderTags(tags)].join(' ')}
        actions={(token) => (
          <Buttons>
            <PermittedButton
              permission={token && { action: 'chandler:RevokeJoinToken', resource: `join-token/${token.id}` }}
              disabled={!token}
              onClick={() => setDialog(token)}
            >
              {texts.revoke}
            </PermittedButton>
            {create}
          </Buttons>
        )}
        empty={{ title: texts.empty, detail: texts.emptyDetail, action: create }}
        columns={[
          { id: 'id', header: column.id, minWidth: 160, sortBy: ({ id }) => id, cell: ({ id }) => id },
          {
            id: 'status',
            header: column.status,
            cell: (token) => {
              const status = findTokenStatus(token, Date.now())
              return <StatusIndicator type={statusTypes[status]}>{texts[status]}</StatusIndicator>
            },
          },
          { id: 'expires', header: column.expires, time: ({ expiresAt }) => expiresAt },
          {
            id: 'uses',
            header: column.uses,
            cell: ({ uses, usesLeft }) => (uses === undefined ? texts.anyUses : texts.usesOf(usesLeft ?? uses, uses)),
          },
          { id: 'role', header: column.role, minWidth: 140, sortBy: ({ role }) => role, cell: ({ role }) => role },
          {
            id: 'tags',
            header: column.tags,
            minWidth: 130,
            cell: ({ tags, resourceGroup }) =>
              [renderTags(tags), resourceGroup].filter((text) => text !== '').join(' · ') || data.none,
          },
          {
            id: 'install',
            header: texts.install,
            minWidth: 130,
            cell: ({ install }) =>
              install.map(({ extension, version }) => [extension, version].filter(Boolean).join(' ')).join(', ') ||
              data.none,
          },
          { id: 'created', header: column.created, time: ({ createdAt }) => createdAt },
        ]}
      />
      {dialog === 'create' && <CreateToken onClose={close} />}
      {typeof dialog === 'object' && (
        <ConfirmDialog
          title={texts.revokeTitle(dialog.id)}
          detail={texts.revokeDetail}
          submit={texts.revoke}
          done={texts.revoked(dialog.id)}
          act={(client) => client.joinTokens.revoke(dialog.id)}
          refreshes={['access/']}
          onClose={close}
        />
      )}
    </>
  )
}

const renderTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
