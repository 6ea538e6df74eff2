import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { ClientError } from '../../../../src/client/client-error.ts'
import type { VersionView } from '../../../../src/protocol/api/extensions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { starting } from '../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../app/permitted-button.tsx'
import { useAction } from '../../data/use-action.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { DeleteExtension } from './delete-extension.tsx'
import { VersionDetails } from './version-details.tsx'

/** Versions, newest first; the selected one is shown in full below. */
export function VersionsTable({
  name,
  versions,
  selected,
  onSelect,
  onCompare,
}: {
  readonly name: string
  readonly versions: readonly VersionView[]
  readonly selected: string
  readonly onSelect: (version: string) => void
  readonly onCompare: (older: string, newer: string) => void
}) {
  const { extensions: texts } = useTexts()
  const format = useFormat()
  const chosen = versions.find(({ version }) => version === selected) ?? versions[0]
  const before = chosen && versions[versions.indexOf(chosen) + 1]
  return (
    <SpaceBetween size="l">
      <Table<VersionView>
        items={versions}
        trackBy="version"
        variant="borderless"
        wrapLines
        selectionType="single"
        selectedItems={chosen ? [chosen] : []}
        onSelectionChange={({ detail }) => onSelect(detail.selectedItems[0]?.version ?? '')}
        onRowClick={({ detail }) => onSelect(detail.item.version)}
        ariaLabels={{
          tableLabel: texts.versions.title,
          selectionGroupLabel: texts.versions.choose,
          itemSelectionLabel: (_, { version }) => version,
        }}
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  disabled={!chosen || !before}
                  onClick={() => chosen && before && onCompare(before.version, chosen.version)}
                >
                  {texts.versions.compare}
                </Button>
                {chosen && <VersionActions name={name} version={chosen} isOnly={versions.length === 1} />}
              </SpaceBetween>
            }
          >
            {texts.versions.title}
          </Header>
        }
        columnDefinitions={[
          { id: 'version', header: texts.versions.version, isRowHeader: true, cell: ({ version }) => version },
          {
            id: 'status',
            header: texts.versions.status,
            minWidth: 130,
            cell: ({ deprecated }) =>
              deprecated ? (
                <StatusIndicator type="warning">{texts.versions.deprecated}</StatusIndicator>
              ) : (
                <StatusIndicator>{texts.versions.available}</StatusIndicator>
              ),
          },
          {
            id: 'created',
            minWidth: 190,
            header: texts.versions.created,
            cell: ({ createdAt }) => format.instant(createdAt),
          },
          {
            id: 'description',
            header: texts.column.description,
            cell: ({ versionDescription }) => versionDescription,
          },
        ]}
      />
      {chosen && (
        <SpaceBetween size="s">
          <Box variant="h2">{texts.versions.details(chosen.version)}</Box>
          <VersionDetails version={chosen} />
        </SpaceBetween>
      )}
    </SpaceBetween>
  )
}

function VersionActions({
  name,
  version: { version, deprecated },
  isOnly,
}: {
  readonly name: string
  readonly version: VersionView
  readonly isOnly: boolean
}) {
  const { extensions: texts } = useTexts()
  const flashes = useFlashes()
  const [isDeleting, setIsDeleting] = useState(false)
  const on = (action: string) => ({ action, resource: `template/${name}` })
  const { run, isRunning } = useAction(
    async (client) => {
      try {
        await (deprecated ? client.extensions.undeprecateVersion : client.extensions.deprecateVersion)(name, version)
        flashes.success(deprecated ? texts.versions.isAvailable(version) : texts.versions.isDeprecated(version))
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        // A button outside a form cannot show an error itself.
        flashes.problem(error)
      }
    },
    [`extensions/${name}`],
  )
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <PermittedButton permission={on('oos:UpdateTemplate')} loading={isRunning} onClick={() => void run(undefined)}>
        {deprecated ? texts.versions.undeprecate : texts.versions.deprecate}
      </PermittedButton>
      <PermittedButton
        permission={on('oos:DeleteTemplate')}
        disabled={isOnly}
        disabledReason={texts.versions.onlyOne}
        onClick={() => setIsDeleting(true)}
      >
        {texts.versions.delete}
      </PermittedButton>
      <PermittedButton
        permission={starting(name)}
        variant="primary"
        disabled={deprecated}
        href={`/batch?action=install&extension=${encodeURIComponent(name)}&version=${version}`}
      >
        {texts.actions.install}
      </PermittedButton>
      {isDeleting && <DeleteExtension name={name} version={version} onClose={() => setIsDeleting(false)} />}
    </SpaceBetween>
  )
}
