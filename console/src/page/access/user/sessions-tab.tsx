import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { UserSession } from '../../../../../src/protocol/api/user-sessions.ts'
import { ConfirmDialog } from '../../../app/dialog/confirm-dialog.tsx'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useSession } from '../../../app/session.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { AccessTable } from '../access-table.tsx'
import { Buttons } from '../buttons.tsx'
import { useAll } from '../use-all.ts'

type Dialog = { readonly kind: 'one'; readonly ended: UserSession } | { readonly kind: 'others' }

/** All sessions for users who may list them, otherwise the user's own. */
export function SessionsTab() {
  const everybodys = useAll('sessions', (client) => client.userSessions.list)
  const isRefused = everybodys.error?.code === 'AccessDenied'
  return isRefused ? <OwnSessions /> : <SessionTable query={everybodys} />
}

function OwnSessions() {
  const { session } = useSession()
  const query = useAll(
    'own-sessions',
    (client) => (page) => client.userSessions.list({ ...page, user: session.userName }),
  )
  return <SessionTable query={query} />
}

function SessionTable({ query }: { readonly query: ReturnType<typeof useAll<UserSession>> }) {
  const { access } = useTexts()
  const { sessions: texts, column } = access
  const { session } = useSession()
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  /** A user always may end their own sessions. */
  const ending = (selected: UserSession | undefined) =>
    selected && selected.userName !== session.userName
      ? { action: 'ram:UpdateLoginProfile', resource: `user/${selected.userName}` }
      : undefined
  const actions = (selected: UserSession | undefined) => (
    <Buttons>
      <PermittedButton
        permission={ending(selected)}
        disabled={!selected}
        onClick={() => selected && setDialog({ kind: 'one', ended: selected })}
      >
        {texts.end}
      </PermittedButton>
      <Button onClick={() => setDialog({ kind: 'others' })}>{texts.endOthers}</Button>
    </Buttons>
  )
  return (
    <>
      <AccessTable
        tab="sessions"
        query={query}
        description={texts.description}
        idOf={({ id }) => id}
        textOf={({ userName, source, userAgent }) => [userName, source, userAgent].join(' ')}
        actions={actions}
        empty={{ title: texts.empty, detail: texts.emptyDetail }}
        columns={[
          {
            id: 'user',
            header: column.user,
            sortBy: ({ userName }) => userName,
            cell: ({ userName, current }) => (
              <SpaceBetween direction="horizontal" size="xs">
                {userName}
                {current && <Badge>{texts.current}</Badge>}
              </SpaceBetween>
            ),
          },
          { id: 'source', header: column.source, sortBy: ({ source }) => source, cell: ({ source }) => source },
          { id: 'browser', header: column.browser, minWidth: 180, cell: ({ userAgent }) => userAgent },
          { id: 'created', header: column.signedIn, time: ({ createdAt }) => createdAt },
          { id: 'used', header: column.lastUsed, time: ({ lastUsedAt }) => lastUsedAt },
          { id: 'expires', header: column.expires, time: ({ expiresAt }) => expiresAt },
        ]}
      />
      {dialog?.kind === 'one' && (
        <ConfirmDialog
          title={texts.endTitle(dialog.ended.userName)}
          detail={dialog.ended.current ? texts.endCurrentDetail : texts.endDetail}
          submit={texts.end}
          done={texts.ended(dialog.ended.userName)}
          act={(client) => client.userSessions.end(dialog.ended.id)}
          refreshes={['access/']}
          onClose={close}
        />
      )}
      {dialog?.kind === 'others' && (
        <ConfirmDialog
          title={texts.endOthersTitle}
          detail={texts.endOthersDetail}
          submit={texts.endOthers}
          done={texts.othersEnded}
          act={(client) => client.userSessions.endAll(session.userName)}
          refreshes={['access/']}
          onClose={close}
        />
      )}
    </>
  )
}
