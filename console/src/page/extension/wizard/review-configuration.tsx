import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { scriptKinds } from '../../../../../src/core/extension/extension.ts'
import { useFormat, useTexts } from '../../../i18n/language.tsx'
import { nameRunOptions } from '../../extension-wizard/name-run-options.ts'
import { ScriptView } from '../script-view.tsx'
import { PackageFactsView } from './configuration/package-facts-view.tsx'
import { showPlatforms } from './configuration/show-platforms.ts'
import { parseNumber } from './render-request.ts'
import type { WizardConfiguration } from './wizard-draft.ts'

/** Review of one configuration before creating the version. */
export function ReviewConfiguration({ configuration }: { readonly configuration: WizardConfiguration }) {
  const { extensionWizard: texts, extensions, data } = useTexts()
  const format = useFormat()
  const { os, arch, platforms, artifact, pending, scripts, verify, run } = configuration
  const checks = verify.map(({ kind, subject, detail }) =>
    [texts.verify.kinds[kind], ...(kind === 'script' ? [] : [subject, detail])].filter(Boolean).join(' '),
  )
  const written = [
    ...scriptKinds.map((kind) => ({ id: kind, title: texts.scripts.kinds[kind], text: scripts[kind] })),
    ...verify.flatMap(({ key, kind, subject }, place) =>
      kind === 'script'
        ? [{ id: `check-${key}`, title: extensions.configuration.checkScript(place + 1), text: subject }]
        : [],
    ),
  ].filter(({ text }) => text !== '')
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
          { label: texts.run.options, value: nameRunOptions(run, texts.run).join('; ') || data.none },
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
      {written.map(({ id, title, text }) => (
        <ExpandableSection
          key={id}
          headerText={title}
          headerDescription={texts.review.lines(text.trimEnd().split('\n').length)}
        >
          <ScriptView title={title} text={text} />
        </ExpandableSection>
      ))}
    </SpaceBetween>
  )
}
