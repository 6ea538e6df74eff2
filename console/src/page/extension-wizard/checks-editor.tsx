import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import Textarea from '@cloudscape-design/components/textarea'
import type { VerifyCheck } from '../../../../src/core/extension.ts'
import { useTexts } from '../../i18n/language.tsx'
import { type CheckFields, checkKinds, makeCheck, readCheck, writeCheck } from './check-fields.ts'
import type { ConfigurationFieldsProps } from './configuration-card.tsx'
import { useFieldProblems } from './wizard-context.ts'

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

/** What must hold after an install or update. */
export function ChecksEditor({ configuration, index, set }: ConfigurationFieldsProps) {
  const { verify: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const { verify } = configuration
  const replace = (place: number, check: VerifyCheck) =>
    set({ verify: verify.map((other, at) => (at === place ? check : other)) })
  const write = (place: number, check: VerifyCheck, change: Partial<CheckFields>) =>
    replace(place, writeCheck(check.kind, { ...readCheck(check), ...change }))
  const kinds = checkKinds.map((value) => ({ value, label: texts.kinds[value] }))
  return (
    <FormField label={texts.label} description={texts.hint} stretch>
      <AttributeEditor
        items={verify}
        empty={texts.empty}
        addButtonText={texts.add}
        removeButtonText={texts.remove}
        removeButtonAriaLabel={(check) => texts.removeOne(verify.indexOf(check) + 1)}
        onAddButtonClick={() => set({ verify: [...verify, makeCheck('process')] })}
        onRemoveButtonClick={({ detail }) => set({ verify: verify.filter((_, at) => at !== detail.itemIndex) })}
        gridLayout={layout}
        definition={[
          {
            label: texts.kind,
            control: (check, place) => (
              <Select
                selectedOption={kinds.find(({ value }) => value === check.kind) ?? null}
                options={kinds}
                onChange={({ detail }) => {
                  const kind = checkKinds.find((one) => one === detail.selectedOption.value)
                  if (kind) replace(place, makeCheck(kind, check.withinMs))
                }}
              />
            ),
            errorText: (_, place) => problemsOf(`configurations.${index}.verify.${place}`).errorText,
          },
          {
            label: texts.what,
            control: (check, place) => (
              <CheckSubject check={check} onChange={(subject) => write(place, check, { subject })} />
            ),
          },
          {
            label: texts.more,
            control: (check, place) =>
              check.kind === 'script' ? null : (
                <Input
                  value={readCheck(check).detail}
                  ariaLabel={texts.detail[check.kind]}
                  placeholder={texts.detail[check.kind]}
                  onChange={({ detail }) => write(place, check, { detail: detail.value })}
                />
              ),
          },
          {
            label: texts.withinSeconds,
            control: (check, place) => (
              <Input
                value={readCheck(check).withinSeconds}
                inputMode="numeric"
                onChange={({ detail }) => write(place, check, { withinSeconds: detail.value })}
              />
            ),
          },
        ]}
      />
    </FormField>
  )
}

function CheckSubject({ check, onChange }: { readonly check: VerifyCheck; readonly onChange: (text: string) => void }) {
  const { subject: names } = useTexts().extensionWizard.verify
  const shared = {
    value: readCheck(check).subject,
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
