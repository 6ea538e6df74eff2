import Checkbox from '@cloudscape-design/components/checkbox'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type SignaturePolicy, signaturePolicies } from '../../../../../../src/core/extension/extension.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { FoldedSection } from '../folded-section.tsx'
import { useFieldProblems } from '../wizard-context.ts'
import type { RunDraft } from '../wizard-draft.ts'
import { ChecksEditor } from './checks-editor.tsx'
import type { ConfigurationFieldsProps } from './configuration-fields.ts'

/** Run settings and checks: collapsed unless they contain a problem. */
export function RunOptionsEditor({ configuration, index, set }: ConfigurationFieldsProps) {
  const { run: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const at = (field: string) => problemsOf(`configurations.${index}.run.${field}`)
  const { run, artifact, verify } = configuration
  const write = (change: Partial<RunDraft>) => set({ run: { ...run, ...change } })
  const signatureOption = (policy: SignaturePolicy | undefined) => ({
    value: policy ?? '',
    label: texts.signatures[policy ?? 'absent'],
  })
  const isArchive = artifact?.kind === 'tar' || artifact?.kind === 'zip'
  return (
    <FoldedSection
      title={texts.header}
      places={[`configurations.${index}.run`, `configurations.${index}.verify`]}
      startsOpen={verify.length > 0}
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={3}>
          <FormField label={texts.runAs} {...at('runAs')}>
            <Input
              value={run.runAs}
              placeholder={texts.runAsPlaceholder}
              spellcheck={false}
              onChange={({ detail }) => write({ runAs: detail.value })}
            />
          </FormField>
          <FormField label={texts.workDir} {...at('workDir')}>
            <Input
              value={run.workDir}
              placeholder={texts.workDirPlaceholder}
              spellcheck={false}
              onChange={({ detail }) => write({ workDir: detail.value })}
            />
          </FormField>
          <FormField label={texts.timeout} {...at('timeoutMs')}>
            <Input
              value={run.timeoutMinutes}
              inputMode="decimal"
              onChange={({ detail }) => write({ timeoutMinutes: detail.value })}
            />
          </FormField>
        </ColumnLayout>
        <FormField {...at('unpack')}>
          <Checkbox
            checked={run.unpack}
            disabled={!isArchive && !run.unpack}
            onChange={({ detail }) => write({ unpack: detail.checked })}
          >
            {texts.unpack}
          </Checkbox>
        </FormField>
        <Checkbox
          checked={run.keepWorkspace === 'onFailure'}
          onChange={({ detail }) => write({ keepWorkspace: detail.checked ? 'onFailure' : 'never' })}
        >
          {texts.keepWorkspace}
        </Checkbox>
        <Checkbox
          checked={run.allowRemovals === true}
          description={texts.allowRemovalsDetail}
          onChange={({ detail }) => write({ allowRemovals: detail.checked })}
        >
          {texts.allowRemovals}
        </Checkbox>
        {(artifact?.kind === 'rpm' || run.signature) && (
          <FormField label={texts.signature} description={texts.signatureDetail} {...at('signature')}>
            <Select
              selectedOption={signatureOption(run.signature)}
              options={[undefined, ...signaturePolicies].map(signatureOption)}
              onChange={({ detail }) =>
                write({ signature: signaturePolicies.find((policy) => policy === detail.selectedOption.value) })
              }
            />
          </FormField>
        )}
        <ChecksEditor configuration={configuration} index={index} set={set} />
      </SpaceBetween>
    </FoldedSection>
  )
}
