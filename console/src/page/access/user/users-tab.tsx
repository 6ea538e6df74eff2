import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { administratorName } from '../../../../../src/core/access/principal.ts'
import type { PrincipalView } from '../../../../../src/protocol/api/access.ts'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useSession } from '../../../app/session.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import { AccessTable } from '../access-table.tsx'
import { Buttons } from '../buttons.tsx'
import { PolicyLinks } from '../policy/policy-links.tsx'
import { UserPolicies } from '../policy/user-policies.tsx'
import { useAll } from '../use-all.ts'
import { CreateUser } from './create-user.tsx'
import { DeleteUser } from './delete-user.tsx'
import { SetPassword } from './set-password.tsx'

type Dialog =
  | { readonly kind: 'create' }
  | { readonly kind: 'password' | 'policies' | 'delete'; readonly user: PrincipalView }

export function UsersTab() {
  const { access } = useTexts()
  const { session } = useSession()
  const { users: texts, column } = access
  const query = useAll('users', (client) => client.users.list)
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  const create = (
    <PermittedButton
      permission={{ action: 'ram:CreateUser', resource: 'user/*' }}
      variant="primary"
      onClick={() => setDialog({ kind: 'create' })}
    >
      {texts.create}
    </PermittedButton>
  )
  const actions = (user: PrincipalView | undefined) => {
    const isAdministrator = user?.name === administratorName
    const on = (action: string) => user && { action, resource: `user/${user.name}` }
    const open = (kind: 'password' | 'policies' | 'delete') => () => user && setDialog({ kind, user })
    return (
      <Buttons>
        <PermittedButton permission={on('ram:DeleteUser')} disabled={!user || isAdministrator} onClick={open('delete')}>
          {texts.delete}
        </PermittedButton>
        <PermittedButton
          permission={on('ram:AttachPolicyToUser')}
          disabled={!user || isAdministrator}
          onClick={open('policies')}
        >
          {texts.policies}
        </PermittedButton>
        <PermittedButton
          permission={user?.name === session.userName ? undefined : on('ram:UpdateLoginProfile')}
          disabled={!user}
          onClick={open('password')}
        >
          {texts.setPassword}
        </PermittedButton>
        {create}
      </Buttons>
    )
  }
  return (
    <>
      <AccessTable
        tab="users"
        query={query}
        description={texts.description}
        idOf={({ name }) => name}
        textOf={({ name, description, policies }) => [name, description, ...policies].join(' ')}
        actions={actions}
        empty={{ title: texts.empty, detail: texts.emptyDetail, action: create }}
        columns={[
          {
            id: 'name',
            header: column.name,
            sortBy: ({ name }) => name,
            cell: ({ name }) => (
              <SpaceBetween direction="horizontal" size="xs">
                <span>{name}</span>
                {name === session.userName && <Badge color="blue">{texts.you}</Badge>}
              </SpaceBetween>
            ),
          },
          { id: 'description', header: column.description, minWidth: 160, cell: ({ description }) => description },
          {
            id: 'policies',
            header: column.policies,
            minWidth: 160,
            cell: ({ name, policies }) =>
              name === administratorName ? <Box>{texts.everything}</Box> : <PolicyLinks names={policies} />,
          },
          { id: 'created', header: column.created, time: ({ createdAt }) => createdAt },
        ]}
      />
      {dialog?.kind === 'create' && <CreateUser onClose={close} />}
      {dialog?.kind === 'password' && <SetPassword userName={dialog.user.name} onClose={close} />}
      {dialog?.kind === 'policies' && <UserPolicies user={dialog.user} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteUser userName={dialog.user.name} onClose={close} />}
    </>
  )
}
