import { useTexts } from '../../../i18n/language.tsx'
import { AccessTable } from '../access-table.tsx'
import { BuiltIn } from '../policy/built-in.tsx'
import { PolicyLinks } from '../policy/policy-links.tsx'
import { useAll } from '../use-all.ts'

export function RolesTab() {
  const { access } = useTexts()
  const { roles: texts, column } = access
  const query = useAll('roles', (client) => client.roles.list)
  return (
    <AccessTable
      tab="roles"
      query={query}
      description={texts.description}
      idOf={({ name }) => name}
      textOf={({ name, description, policies }) => [name, description, ...policies].join(' ')}
      empty={{ title: texts.empty, detail: texts.emptyDetail }}
      columns={[
        {
          id: 'name',
          header: column.name,
          minWidth: 170,
          sortBy: ({ name }) => name,
          cell: ({ name, builtIn }) => <BuiltIn isBuiltIn={builtIn}>{name}</BuiltIn>,
        },
        { id: 'description', header: column.description, minWidth: 160, cell: ({ description }) => description },
        {
          id: 'policies',
          header: column.policies,
          minWidth: 160,
          cell: ({ policies }) => <PolicyLinks names={policies} />,
        },
        { id: 'created', header: column.created, time: ({ createdAt }) => createdAt },
      ]}
    />
  )
}
