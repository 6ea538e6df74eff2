import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import Tabs from '@cloudscape-design/components/tabs'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { describeLimits } from './describe-limits.ts'
import { ScriptView } from './script-view.tsx'

/** One version whole: where it is allowed, what it takes, and how it is installed on each platform. */
export function VersionDetails({ version }: { readonly version: VersionView }) {
  const { extensions } = useTexts()
  return (
    <SpaceBetween size="l">
      <Scope scope={version.scope} />
      <Parameters parameters={version.parameters} />
      {version.configurations.map((configuration) => (
        <ExpandableSection
          key={configuration.id}
          variant="container"
          defaultExpanded
          headerText={`${configuration.os} · ${configuration.arch === 'any' ? extensions.anyArch : configuration.arch}`}
          headerCounter={`(${configuration.id})`}
        >
          <ConfigurationDetails configuration={configuration} />
        </ExpandableSection>
      ))}
    </SpaceBetween>
  )
}

function Scope({ scope }: Pick<VersionView, 'scope'>) {
  const { extensions } = useTexts()
  const texts = extensions.scope
  const listOf = (values: readonly string[] | undefined) => (values?.length ? values.join(', ') : texts.everything)
  const platforms = scope.platforms?.map(({ id, versions }) => [id, versions].filter(Boolean).join(' '))
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: texts.platforms, value: listOf(platforms) },
        { label: texts.families, value: listOf(scope.instanceFamilies) },
        { label: texts.images, value: listOf(scope.imageTypes) },
      ]}
    />
  )
}

function Parameters({ parameters }: Pick<VersionView, 'parameters'>) {
  const { extensions } = useTexts()
  const texts = extensions.parameters
  const rows = Object.entries(parameters).map(([name, declaration]) => ({ name, ...declaration }))
  if (rows.length === 0) return <Box color="text-body-secondary">{texts.none}</Box>
  return (
    <Table
      variant="embedded"
      items={rows}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: texts.title }}
      header={<Box variant="h3">{texts.title}</Box>}
      columnDefinitions={[
        { id: 'name', header: texts.name, isRowHeader: true, cell: ({ name }) => <Box variant="code">{name}</Box> },
        { id: 'type', header: texts.type, cell: ({ type }) => type },
        {
          id: 'default',
          header: texts.initial,
          cell: ({ default: value, noEcho }) =>
            value === undefined ? texts.required : noEcho ? texts.secret : value === '' ? texts.empty : String(value),
        },
        { id: 'limits', header: texts.limits, cell: (declaration) => describeLimits(declaration).join(', ') },
        { id: 'description', header: texts.description, cell: ({ description }) => description },
      ]}
    />
  )
}

function ConfigurationDetails({ configuration }: { readonly configuration: VersionView['configurations'][number] }) {
  const { extensions } = useTexts()
  const format = useFormat()
  const texts = extensions.configuration
  const { artifact, platforms, run, verify } = configuration
  const scripts = Object.entries(configuration.scripts).flatMap(([kind, text]) => (text ? [{ kind, text }] : []))
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
          { label: 'SHA-256', value: artifact ? <Box variant="code">{artifact.sha256}</Box> : '–' },
          { label: texts.timeout, value: format.duration(run.timeoutMs) },
          { label: texts.runAs, value: run.runAs ?? texts.root },
          {
            label: extensions.scope.platforms,
            value:
              platforms?.map(({ id, versions }) => [id, versions].filter(Boolean).join(' ')).join(', ') ??
              texts.asScope,
          },
          {
            label: texts.checks,
            value: verify.length === 0 ? texts.noChecks : verify.map(({ kind }) => kind).join(', '),
          },
        ]}
      />
      {scripts.length > 0 && (
        <Tabs
          ariaLabel={texts.scripts}
          tabs={scripts.map(({ kind, text }) => ({
            id: kind,
            label: extensions.scriptName(kind),
            content: <ScriptView title={extensions.scriptName(kind)} text={text} />,
          }))}
        />
      )}
    </SpaceBetween>
  )
}
