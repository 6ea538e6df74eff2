import Box from '@cloudscape-design/components/box'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { nameRunOptions } from '../extension-wizard/name-run-options.ts'
import { describeCheck } from './describe-check.ts'
import { listScripts } from './list-scripts.ts'
import { ScriptView } from './script-view.tsx'

/** One configuration of a version: package, run settings, checks and scripts. */
export function ConfigurationDetails({
  configuration,
}: {
  readonly configuration: VersionView['configurations'][number]
}) {
  const { extensions, extensionWizard, data } = useTexts()
  const format = useFormat()
  const texts = extensions.configuration
  const { artifact, platforms, run, verify } = configuration
  const scripts = listScripts(configuration)
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: texts.package,
            value: artifact
              ? `${artifact.fileName} (${format.bytes(artifact.sizeBytes)}, ${artifact.kind})`
              : texts.noPackage,
          },
          { label: texts.digest, value: artifact ? <Box variant="code">{artifact.sha256}</Box> : data.none },
          { label: texts.timeout, value: format.duration(run.timeoutMs) },
          { label: texts.runAs, value: run.runAs ?? texts.root },
          {
            label: extensionWizard.run.options,
            value: nameRunOptions(run, extensionWizard.run).join('; ') || data.none,
          },
          {
            label: extensions.scope.platforms,
            value:
              platforms?.map(({ id, versions }) => [id, versions].filter(Boolean).join(' ')).join(', ') ??
              texts.asScope,
          },
          {
            label: texts.checks,
            value:
              verify.length === 0 ? (
                texts.noChecks
              ) : (
                <SpaceBetween size="xxs">
                  {verify.map((check, index) => (
                    <div key={index}>
                      {texts.check(
                        extensionWizard.verify.kinds[check.kind],
                        describeCheck(check),
                        format.duration(check.withinMs),
                      )}
                    </div>
                  ))}
                </SpaceBetween>
              ),
          },
        ]}
      />
      {scripts.length > 0 && (
        <Tabs
          ariaLabel={texts.scripts}
          tabs={scripts.map(({ id, kind, check, text }) => {
            const title = kind === undefined ? texts.checkScript(check) : extensions.scriptName(kind)
            return { id, label: title, content: <ScriptView title={title} text={text} /> }
          })}
        />
      )}
    </SpaceBetween>
  )
}
