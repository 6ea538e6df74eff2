import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useTexts } from '../../i18n/language.tsx'
import { ConfigurationDetails } from './configuration-details.tsx'
import { describeLimits } from './describe-limits.ts'
import { VersionSignatures } from './version-signatures.tsx'

/** A complete version: scope, parameters and configurations. */
export function VersionDetails({ version }: { readonly version: VersionView }) {
  const { extensions } = useTexts()
  return (
    <SpaceBetween size="l">
      <VersionSignatures extension={version.extension} version={version.version} />
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
        {
          id: 'limits',
          header: texts.limits,
          cell: (declaration) => describeLimits(declaration, texts.length).join(', '),
        },
        { id: 'description', header: texts.description, cell: ({ description }) => description },
      ]}
    />
  )
}
