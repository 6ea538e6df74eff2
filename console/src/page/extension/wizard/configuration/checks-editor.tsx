import AttributeEditor, { type AttributeEditorProps } from '@cloudscape-design/components/attribute-editor'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import Textarea from '@cloudscape-design/components/textarea'
import { useRef } from 'react'
import { useTexts } from '../../../../i18n/language.tsx'
import { type CheckDraft, type CheckField, checkKinds, makeCheck } from '../check-fields.ts'
import { useFieldProblems } from '../wizard-context.ts'
import { changeMember, nextKey } from '../wizard-draft.ts'
import type { ConfigurationFieldsProps } from './configuration-fields.ts'

const layout = [
  { breakpoint: 's', rows: [[3, 3, 3, 2]], removeButton: { width: 'auto' } },
  {
    breakpoint: 'xxs',
    rows: [
      [1, 1],
      [1, 1],
    ],
  },
  { rows: [[1], [1], [1], [1]] },
] as const

/** Editor for the checks after install and update. */
export function ChecksEditor({ configuration, index, set }: ConfigurationFieldsProps) {
  const { verify: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const editor = useRef<AttributeEditorProps.Ref>(null)
  const { verify } = configuration
  const at = `configurations.${index}.verify`
  const write = ({ key }: CheckDraft, change: Partial<CheckDraft>) => set({ verify: changeMember(verify, key, change) })
  const kinds = checkKinds.map((value) => ({ value, label: texts.kinds[value] }))
  const problemsIn = (field: CheckField) => ({
    errorText: (_: CheckDraft, place: number) => problemsOf(`${at}.${place}.${field}`).errorText,
    warningText: (_: CheckDraft, place: number) => problemsOf(`${at}.${place}.${field}`).warningText,
  })
  return (
    <FormField label={texts.label} description={texts.hint} stretch {...problemsOf(at)}>
      <AttributeEditor
        ref={editor}
        items={verify}
        empty={texts.empty}
        addButtonText={texts.add}
        removeButtonText={texts.remove}
        removeButtonAriaLabel={(check) => texts.removeOne(verify.indexOf(check) + 1)}
        onAddButtonClick={() => set({ verify: [...verify, makeCheck(nextKey(verify))] })}
        onRemoveButtonClick={({ detail }) => {
          set({ verify: verify.filter((_, place) => place !== detail.itemIndex) })
          editor.current?.focusAddButton()
        }}
        gridLayout={layout}
        definition={[
          {
            label: texts.kind,
            control: (check) => (
              <Select
                selectedOption={kinds.find(({ value }) => value === check.kind) ?? null}
                options={kinds}
                onChange={({ detail }) => {
                  const kind = checkKinds.find((one) => one === detail.selectedOption.value)
                  if (kind) write(check, { kind, subject: '', detail: '' })
                }}
              />
            ),
          },
          {
            label: texts.what,
            control: (check) => <CheckSubject check={check} onChange={(subject) => write(check, { subject })} />,
            ...problemsIn('subject'),
          },
          {
            label: texts.more,
            control: (check) =>
              check.kind === 'script' ? null : (
                <Input
                  value={check.detail}
                  ariaLabel={texts.detail[check.kind]}
                  placeholder={texts.detail[check.kind]}
                  spellcheck={false}
                  onChange={({ detail }) => write(check, { detail: detail.value })}
                />
              ),
            ...problemsIn('detail'),
          },
          {
            label: texts.withinSeconds,
            control: (check) => (
              <Input
                value={check.withinSeconds}
                inputMode="numeric"
                onChange={({ detail }) => write(check, { withinSeconds: detail.value })}
              />
            ),
            ...problemsIn('withinSeconds'),
          },
        ]}
      />
    </FormField>
  )
}

function CheckSubject({ check, onChange }: { readonly check: CheckDraft; readonly onChange: (text: string) => void }) {
  const { subject: names } = useTexts().extensionWizard.verify
  const shared = {
    value: check.subject,
    ariaLabel: names[check.kind],
    placeholder: names[check.kind],
    spellcheck: false,
  }
  return check.kind === 'script' ? (
    <Textarea {...shared} rows={4} onChange={({ detail }) => onChange(detail.value)} />
  ) : (
    <Input {...shared} onChange={({ detail }) => onChange(detail.value)} />
  )
}
