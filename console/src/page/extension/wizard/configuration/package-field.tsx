import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FileDropzone from '@cloudscape-design/components/file-dropzone'
import FileInput from '@cloudscape-design/components/file-input'
import FormField from '@cloudscape-design/components/form-field'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { ProblemAlert } from '../../../../app/problem-alert.tsx'
import { useFormat, useTexts } from '../../../../i18n/language.tsx'
import type { Upload } from '../use-uploads.ts'
import { useFieldProblems, useWizardForm } from '../wizard-context.ts'
import { makeConfiguration, nextKey } from '../wizard-draft.ts'
import type { ConfigurationFieldsProps } from './configuration-fields.ts'
import { PackageFactsView } from './package-facts-view.tsx'

/** Package file field: selection, upload progress and result. */
export function PackageField({ configuration, index, set }: ConfigurationFieldsProps) {
  const { package: texts } = useTexts().extensionWizard
  const { draft, change, uploads } = useWizardForm()
  const problems = useFieldProblems()(`configurations.${index}.artifact`)
  const { key, artifact, pending } = configuration
  const upload = uploads.states[key]

  const accept = (files: readonly File[]) => {
    const [first, ...others] = files
    if (first) uploads.start(key, first, pending)
    const from = nextKey(draft.configurations)
    others.forEach((file, place) => {
      change((now) => ({ ...now, configurations: [...now.configurations, makeConfiguration(from + place)] }))
      uploads.start(from + place, file)
    })
  }
  const cancel = () => {
    uploads.cancel(key, pending)
    set({ pending: undefined })
  }
  return (
    <FormField label={texts.label} stretch {...problems}>
      {upload ? (
        <UploadView upload={upload} onRetry={() => uploads.start(key, upload.file, pending)} onCancel={cancel} />
      ) : (
        <SpaceBetween size="s">
          {artifact && <PackageFactsView artifact={artifact} onRemove={() => set({ artifact: undefined })} />}
          {pending && (
            <SpaceBetween direction="horizontal" size="xs">
              <StatusIndicator type="warning">{texts.interrupted(pending.fileName)}</StatusIndicator>
              <Button variant="inline-link" formAction="none" onClick={cancel}>
                {texts.remove}
              </Button>
            </SpaceBetween>
          )}
          <FileDropzone onChange={({ detail }) => accept(detail.value)}>
            <SpaceBetween size="xs" alignItems="center">
              <Box color="text-body-secondary" textAlign="center">
                {texts.drop}
              </Box>
              <FileInput multiple value={[]} ariaLabel={texts.label} onChange={({ detail }) => accept(detail.value)}>
                {artifact ? texts.replace : texts.choose}
              </FileInput>
            </SpaceBetween>
          </FileDropzone>
        </SpaceBetween>
      )}
    </FormField>
  )
}

function UploadView({
  upload,
  onRetry,
  onCancel,
}: {
  readonly upload: Upload
  readonly onRetry: () => void
  readonly onCancel: () => void
}) {
  const { package: texts } = useTexts().extensionWizard
  const format = useFormat()
  const { fileName, sizeBytes, sentBytes, isLost, error } = upload
  if (error)
    return (
      <SpaceBetween size="xs">
        <StatusIndicator type="error">{texts.failed(fileName)}</StatusIndicator>
        <ProblemAlert error={error} onRetry={onRetry} />
        <Button formAction="none" onClick={onCancel}>
          {texts.remove}
        </Button>
      </SpaceBetween>
    )
  return (
    <SpaceBetween size="xs">
      <ProgressBar
        value={sizeBytes === 0 ? 100 : (sentBytes / sizeBytes) * 100}
        label={texts.sending(fileName)}
        additionalInfo={texts.sent(format.bytes(sentBytes), format.bytes(sizeBytes))}
      />
      {isLost && <StatusIndicator type="warning">{texts.lost}</StatusIndicator>}
      <Button formAction="none" onClick={onCancel}>
        {texts.cancel}
      </Button>
    </SpaceBetween>
  )
}
