import Link from '@cloudscape-design/components/link'
import { useTexts } from '../../../i18n/language.tsx'
import { useUrlState } from '../../../url/use-url-state.ts'
import { AccessTable } from '../access-table.tsx'
import { accessUrl } from '../access-url.ts'
import { useAll } from '../use-all.ts'
import { BuiltIn } from './built-in.tsx'
import { PolicyDialog } from './policy-dialog.tsx'

export function PoliciesTab() {
  const { access } = useTexts()
  const { policies: texts, column } = access
  const [{ policy }, setUrl] = useUrlState(accessUrl)
  const query = useAll('policies', (client) => client.policies.list)
  return (
    <>
      <AccessTable
        tab="policies"
        query={query}
        description={texts.description}
        idOf={({ name }) => name}
        textOf={({ name, description }) => `${name} ${description}`}
        empty={{ title: texts.empty, detail: texts.emptyDetail }}
        columns={[
          {
            id: 'name',
            header: column.name,
            minWidth: 190,
            sortBy: ({ name }) => name,
            cell: ({ name, builtIn }) => (
              <BuiltIn isBuiltIn={builtIn}>
                <Link
                  onFollow={(event) => {
                    event.preventDefault()
                    setUrl({ policy: name }, { push: true })
                  }}
                >
                  {name}
                </Link>
              </BuiltIn>
            ),
          },
          { id: 'description', header: column.description, minWidth: 180, cell: ({ description }) => description },
          { id: 'updated', header: column.updated, time: ({ updatedAt }) => updatedAt },
        ]}
      />
      {policy !== '' && <PolicyDialog name={policy} onClose={() => setUrl({ policy: '' })} />}
    </>
  )
}
