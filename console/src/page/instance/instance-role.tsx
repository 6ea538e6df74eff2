import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import type { PrincipalView } from '../../../../src/protocol/api/access.ts'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { loadAll } from '../../data/load-all.ts'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'

export function InstanceRole({
  instance: { id, name, role },
  onClose,
}: {
  readonly instance: InstanceView
  readonly onClose: () => void
}) {
  const { data, instances } = useTexts()
  const { detail, column } = instances
  const flashes = useFlashes()
  const [chosen, setChosen] = useState(role)
  const roles = useQuery('access/roles?all', (client) => loadAll<PrincipalView>((page) => client.roles.list(page)))
  const action = useAction(
    async (client) => {
      await client.instances.setRole(id, chosen)
      return true
    },
    ['instances'],
  )
  const save = async () => {
    if (!(await action.run(undefined))) return
    flashes.success(detail.roleSaved(name, chosen))
    onClose()
  }
  const names = [...new Set([role, ...(roles.data ?? []).map((one) => one.name)])].toSorted()
  return (
    <FormDialog
      title={detail.roleTitle(name)}
      submit={data.save}
      {...action}
      canSubmit={chosen !== role}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <FormField label={column.role} description={detail.roleDetail}>
        <Select
          selectedOption={{ value: chosen, label: chosen }}
          options={names.map((value) => ({ value, label: value }))}
          statusType={roles.error ? 'error' : roles.data ? 'finished' : 'loading'}
          loadingText={data.loading}
          errorText={roles.error?.message ?? ''}
          recoveryText={data.tryAgain}
          onLoadItems={({ detail: { samePage } }) => samePage && roles.error && roles.refresh()}
          onChange={({ detail: { selectedOption } }) => setChosen(selectedOption.value ?? role)}
        />
      </FormField>
    </FormDialog>
  )
}
