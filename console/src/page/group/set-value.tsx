import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { type ValueScope, valueScopes } from '../../../../src/core/extension/declared-values.ts'
import { coerceParameter } from '../../../../src/core/extension/parameter.ts'
import { FormDialog } from '../../app/dialog/form-dialog.tsx'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { useTexts } from '../../i18n/language.tsx'

/** Declares one parameter value for a group, a tag or an instance. */
export function SetValue({ group, onClose }: { readonly group: string | undefined; readonly onClose: () => void }) {
  const { values: texts } = useTexts().assignments
  const flashes = useFlashes()
  const [scope, setScope] = useState<ValueScope>('group')
  const [fields, setFields] = useState({ subject: group ?? '', extension: '', parameter: '', value: '' })
  const [isTried, setIsTried] = useState(false)
  const [problem, setProblem] = useState<string>()
  const action = useAction(
    async (client, { subject, extension, parameter, value }: typeof fields) => {
      const { latestVersion } = await client.extensions.get(extension)
      const { parameters } = await client.extensions.getVersion(extension, latestVersion)
      const coerced = coerceParameter(Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined, value)
      if ('problem' in coerced) return coerced
      return await client.values.patch(extension, { scope, subject, values: { [parameter]: coerced.value } })
    },
    ['executions/values'],
  )
  const submit = async () => {
    setIsTried(true)
    setProblem(undefined)
    if (fields.subject === '' || fields.extension === '' || fields.parameter === '') return
    const done = await action.run(fields)
    if (!done) return
    if ('problem' in done) return setProblem(done.problem)
    flashes.success(texts.declared(fields.parameter))
    onClose()
  }
  const field = (name: keyof typeof fields, label: string, errorText?: string) => (
    <FormField label={label} errorText={errorText ?? (isTried && fields[name] === '' && texts.missing)}>
      <Input
        value={fields[name]}
        autoComplete="off"
        spellcheck={false}
        onChange={({ detail }) => setFields({ ...fields, [name]: detail.value })}
      />
    </FormField>
  )
  return (
    <FormDialog title={texts.set} submit={texts.set} {...action} onSubmit={() => void submit()} onClose={onClose}>
      <FormField label={texts.column.scope}>
        <Select
          selectedOption={{ value: scope, label: texts.scopes[scope] }}
          options={valueScopes.map((value) => ({ value, label: texts.scopes[value] }))}
          onChange={({ detail }) =>
            setScope(valueScopes.find((known) => known === detail.selectedOption.value) ?? 'group')
          }
        />
      </FormField>
      {field('subject', texts.subjects[scope])}
      {field('extension', texts.extension)}
      {field('parameter', texts.parameter)}
      {field('value', texts.value, problem ?? '')}
    </FormDialog>
  )
}
