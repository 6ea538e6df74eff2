import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Multiselect from '@cloudscape-design/components/multiselect'
import Textarea from '@cloudscape-design/components/textarea'
import { actions } from '../../../../../../src/core/extension/extension.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { FoldedSection } from '../folded-section.tsx'
import { useFieldProblems } from '../wizard-context.ts'
import type { ParameterFieldsProps } from './parameter-fields.ts'

const numbersOf = { String: ['minLength', 'maxLength'], Number: ['min', 'max'], Boolean: [] } as const

/** Limits and actions of a parameter: rarely needed, so collapsed. */
export function ParameterLimits({ parameter, index, set }: ParameterFieldsProps) {
  const { parameters: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const at = (field: string) => problemsOf(`parameters.${index}.${field}`)
  const { type } = parameter
  const fields = ['allowedValues', 'pattern', ...numbersOf[type], 'actions'] as const
  const options = actions.map((value) => ({ value, label: texts.actionNames[value] }))
  return (
    <FoldedSection
      title={texts.limits}
      places={fields.map((field) => `parameters.${index}.${field}`)}
      startsOpen={fields.some((field) => parameter[field].length > 0)}
    >
      <ColumnLayout columns={2}>
        {type !== 'Boolean' && (
          <FormField
            label={texts.allowedValues}
            constraintText={texts.allowedValuesConstraint}
            {...at('allowedValues')}
          >
            <Textarea
              value={parameter.allowedValues}
              rows={3}
              onChange={({ detail }) => set({ allowedValues: detail.value })}
            />
          </FormField>
        )}
        {type === 'String' && (
          <FormField label={texts.pattern} constraintText={texts.patternConstraint} {...at('pattern')}>
            <Input
              value={parameter.pattern}
              spellcheck={false}
              onChange={({ detail }) => set({ pattern: detail.value })}
            />
          </FormField>
        )}
        {numbersOf[type].map((field) => (
          <FormField key={field} label={texts[field]} {...at(field)}>
            <Input
              value={parameter[field]}
              inputMode="decimal"
              onChange={({ detail }) => set({ [field]: detail.value })}
            />
          </FormField>
        ))}
        <FormField label={texts.actions} {...at('actions')}>
          <Multiselect
            placeholder={texts.actionsPlaceholder}
            options={options}
            selectedOptions={options.filter(({ value }) => parameter.actions.includes(value))}
            onChange={({ detail }) =>
              set({ actions: actions.filter((one) => detail.selectedOptions.some(({ value }) => value === one)) })
            }
          />
        </FormField>
      </ColumnLayout>
    </FoldedSection>
  )
}
