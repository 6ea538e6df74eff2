import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { scriptKinds } from '../../../../src/core/extension.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { PackageFactsView } from './package-facts-view.tsx'
import { showPlatforms } from './show-platforms.ts'
import './script-editor.css'
import { readCheck } from './check-fields.ts'
import { parseNumber } from './render-request.ts'
import type { ConfigurationDraft } from './wizard-draft.ts'

/** What is done on instances that a configuration fits: to be read before it is created. */
export function ReviewConfiguration({ configuration }: { readonly configuration: ConfigurationDraft }) {
  const { extensionWizard: texts, data } = useTexts()
  const format = useFormat()
  const { os, arch, platforms, artifact, pending, scripts, verify, run } = configuration
  const checks = verify.map((check) => `${texts.verify.kinds[check.kind]}: ${readCheck(check).subject}`)
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.configuration.os, value: showPlatforms(platforms) || texts.configuration.systems[os] },
          { label: texts.configuration.arch, value: arch === 'any' ? texts.configuration.archs.any : arch },
          { label: texts.run.runAs, value: run.runAs || texts.run.runAsPlaceholder },
          { label: texts.run.workDir, value: run.workDir || texts.run.workDirPlaceholder },
          {
            label: texts.review.timeout,
            value: format.duration((parseNumber(run.timeoutMinutes) ?? 0) * 60_000) || data.none,
          },
          { label: texts.review.checks, value: checks.join('; ') || data.none },
        ]}
      />
      {artifact ? (
        <PackageFactsView artifact={artifact} />
      ) : (
        <Box color="text-body-secondary">
          {pending ? texts.package.sending(pending.fileName) : texts.review.nothing}
        </Box>
      )}
      {scriptKinds
        .filter((kind) => scripts[kind] !== '')
        .map((kind) => (
          <ExpandableSection
            key={kind}
            headerText={texts.scripts.kinds[kind]}
            headerDescription={texts.review.lines(scripts[kind].trimEnd().split('\n').length)}
          >
            <div className="script-editor">
              <pre className="script-text">{scripts[kind]}</pre>
            </div>
          </ExpandableSection>
        ))}
    </SpaceBetween>
  )
}
