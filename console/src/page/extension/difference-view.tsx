import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useTexts } from '../../i18n/language.tsx'
import { compareVersions, type DiffLine } from './compare-versions.ts'

/** Differences between two versions. */
export function DifferenceView({
  versions,
  from,
  to,
  onChange,
}: {
  /** Newest first. */
  readonly versions: readonly VersionView[]
  readonly from: string
  readonly to: string
  readonly onChange: (change: { from?: string; to?: string }) => void
}) {
  const { extensions } = useTexts()
  const texts = extensions.difference
  const newer = versions.find(({ version }) => version === to) ?? versions[0]
  const older = versions.find(({ version }) => version === from) ?? versions[1]
  if (!newer || !older) return <Box color="text-body-secondary">{texts.onlyOne}</Box>
  const sections = compareVersions(older, newer)
  const choose = (label: string, chosen: VersionView, choice: (version: string) => void) => (
    <FormField label={label}>
      <Select
        selectedOption={{ value: chosen.version, label: chosen.version, description: chosen.versionDescription }}
        options={versions.map(({ version, versionDescription }) => ({
          value: version,
          label: version,
          description: versionDescription,
        }))}
        onChange={({ detail }) => choice(detail.selectedOption.value ?? '')}
      />
    </FormField>
  )
  return (
    <SpaceBetween size="m">
      <SpaceBetween direction="horizontal" size="m">
        {choose(texts.from, older, (version) => onChange({ from: version }))}
        {choose(texts.to, newer, (version) => onChange({ to: version }))}
      </SpaceBetween>
      {sections.length === 0 && <Box color="text-body-secondary">{texts.none}</Box>}
      {sections.map(({ title, lines }) => (
        <ExpandableSection
          key={`${title.configuration} ${title.script}`}
          defaultExpanded
          headerText={
            title.script === undefined
              ? texts.declaration
              : `${title.configuration} · ${extensions.scriptName(title.script)}`
          }
        >
          <Lines lines={lines} />
        </ExpandableSection>
      ))}
    </SpaceBetween>
  )
}

const signs = { same: ' ', added: '+', removed: '-' } as const

function Lines({ lines }: { readonly lines: readonly DiffLine[] }) {
  return (
    // Long lines must be scrollable by keyboard.
    <pre className="difference" tabIndex={0}>
      {lines.map(({ kind, text }, index) => (
        <span key={index} className={`difference-${kind}`}>
          {`${signs[kind]} ${text}\n`}
        </span>
      ))}
    </pre>
  )
}
