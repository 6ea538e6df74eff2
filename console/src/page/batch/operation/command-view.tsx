import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ParameterDeclarations } from '../../../../../src/core/extension/extension.ts'
import type { ExecutionRequest } from '../../../../../src/protocol/api/executions.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { renderCommand, targetsFileName } from './render-command.ts'

/** The equivalent command for scripts and tickets. */
export function CommandView({
  request,
  declarations,
}: {
  readonly request: ExecutionRequest
  readonly declarations: ParameterDeclarations
}) {
  const { data, batch } = useTexts()
  const { command } = batch
  const { text, targetsFile, secretFiles } = renderCommand(request, declarations)
  return (
    <ExpandableSection
      variant="container"
      headerText={command.title}
      headerActions={
        <CopyToClipboard
          copyButtonText={data.copy}
          copySuccessText={data.copied}
          copyErrorText={data.copyFailed}
          textToCopy={text}
        />
      }
      defaultExpanded
    >
      <SpaceBetween size="s">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long commands must be scrollable by keyboard */}
        <pre className="batch-command" tabIndex={0} role="region" aria-label={command.label}>
          {text}
        </pre>
        {secretFiles.length > 0 && <Box color="text-body-secondary">{command.secretFiles(secretFiles.join(', '))}</Box>}
        {targetsFile !== undefined && (
          <SpaceBetween size="s" direction="horizontal" alignItems="center">
            <Box color="text-body-secondary">{command.targetsFile(targetsFileName)}</Box>
            <Button iconName="download" onClick={() => download(targetsFileName, targetsFile)}>
              {command.download(targetsFileName)}
            </Button>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </ExpandableSection>
  )
}

function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
