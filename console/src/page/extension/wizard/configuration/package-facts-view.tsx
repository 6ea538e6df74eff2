import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useFormat, useTexts } from '../../../../i18n/language.tsx'
import type { ArtifactDraft } from '../wizard-draft.ts'
import { needsNoScript } from './accept-artifact.ts'

/** Number of dependencies shown. */
const shownDependencies = 8

/** An uploaded package and its metadata. */
export function PackageFactsView({
  artifact,
  onRemove,
}: {
  readonly artifact: ArtifactDraft
  readonly onRemove?: () => void
}) {
  const { extensionWizard, data } = useTexts()
  const { package: texts } = extensionWizard
  const { fileName, sizeBytes, kind, sha256, facts, problem } = artifact
  const format = useFormat()
  const more = (facts?.dependencies.length ?? 0) - shownDependencies
  const dependencies = facts?.dependencies.slice(0, shownDependencies).join(', ')
  return (
    <SpaceBetween size="s">
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.file, value: fileName },
          { label: texts.kind, value: texts.kinds[kind] },
          { label: texts.size, value: format.bytes(sizeBytes) },
          ...(facts
            ? [
                { label: texts.name, value: `${facts.name} ${facts.version}` },
                { label: texts.architecture, value: facts.architecture || data.none },
                { label: texts.summary, value: facts.summary || data.none },
              ]
            : []),
          ...(dependencies
            ? [
                {
                  label: texts.dependencies,
                  value: more > 0 ? `${dependencies} ${texts.moreDependencies(more)}` : dependencies,
                },
              ]
            : []),
          {
            label: texts.digest,
            value: (
              <Box variant="code">
                <span title={sha256}>{sha256.slice(0, 16)}…</span>
              </Box>
            ),
          },
        ]}
      />
      {problem !== undefined && <Alert type="warning">{texts.unreadable(problem)}</Alert>}
      {needsNoScript(kind) && <Box color="text-body-secondary">{texts.noScriptNeeded}</Box>}
      {onRemove && (
        <Button formAction="none" onClick={onRemove}>
          {texts.remove}
        </Button>
      )}
    </SpaceBetween>
  )
}
