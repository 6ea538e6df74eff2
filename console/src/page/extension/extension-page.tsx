import Container from '@cloudscape-design/components/container'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { ExtensionView, VersionView } from '../../../../src/protocol/api/extensions.ts'
import { starting } from '../../app/operation/start-permissions.ts'
import { Page } from '../../app/page.tsx'
import { PageLoading } from '../../app/page-loading.tsx'
import { PermittedButton, PermittedMenu } from '../../app/permitted-button.tsx'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { loadAll } from '../../data/load-all.ts'
import { useQuery } from '../../data/use-query.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { DeleteExtension } from './delete-extension.tsx'
import { EditTags } from './edit-tags.tsx'
import { ExtensionTabs } from './extension-tabs.tsx'

export function ExtensionPage({ params }: { readonly params: Readonly<Record<string, string | undefined>> }) {
  const name = params['name'] ?? ''
  const { shell } = useTexts()
  const extension = useQuery(`extensions/${name}`, (client) => client.extensions.get(name))
  const versions = useQuery(`extensions/${name}/versions`, async (client) => {
    const all = await loadAll<VersionView>((page) => client.extensions.listVersions(name, page))
    return all.toSorted((one, other) => Number(other.version.slice(1)) - Number(one.version.slice(1)))
  })
  const error = extension.error ?? versions.error
  return (
    <Page
      title={name}
      description={extension.data?.description}
      above={[{ text: shell.navigation.extensions, href: '/extensions' }]}
      actions={extension.data && <Actions extension={extension.data} />}
    >
      <SpaceBetween size="l">
        <ProblemAlert
          error={error}
          onRetry={() => {
            extension.refresh()
            versions.refresh()
          }}
        />
        {!error && !(extension.data && versions.data) && <PageLoading />}
        {extension.data && <About extension={extension.data} />}
        {versions.data && extension.data && <ExtensionTabs name={name} versions={versions.data} />}
      </SpaceBetween>
    </Page>
  )
}

function Actions({ extension: { name } }: { readonly extension: ExtensionView }) {
  const { extensions: texts } = useTexts()
  const [isDeleting, setIsDeleting] = useState(false)
  const address = encodeURIComponent(name)
  const on = (action: string) => ({ action, resource: `template/${name}` })
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <PermittedMenu
        items={[
          {
            id: 'update',
            text: texts.actions.updateSoftware,
            href: `/batch?action=update&extension=${address}`,
            permission: starting(name),
          },
          {
            id: 'uninstall',
            text: texts.actions.uninstall,
            href: `/batch?action=uninstall&extension=${address}`,
            permission: starting(name),
          },
          { id: 'delete', text: texts.actions.delete, permission: on('oos:DeleteTemplate') },
        ]}
        onItemClick={({ detail }) => detail.id === 'delete' && setIsDeleting(true)}
      >
        {texts.actions.more}
      </PermittedMenu>
      <PermittedButton permission={on('oos:UpdateTemplate')} href={`/extensions/${address}/update`}>
        {texts.actions.newVersion}
      </PermittedButton>
      <PermittedButton
        permission={starting(name)}
        variant="primary"
        href={`/batch?action=install&extension=${address}`}
      >
        {texts.actions.install}
      </PermittedButton>
      {isDeleting && <DeleteExtension name={name} onClose={() => setIsDeleting(false)} />}
    </SpaceBetween>
  )
}

function About({ extension }: { readonly extension: ExtensionView }) {
  const { extensions: texts, data } = useTexts()
  const format = useFormat()
  const [isEditing, setIsEditing] = useState(false)
  const tags = Object.entries(extension.tags).map(([key, value]) => `${key}=${value}`)
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: texts.column.type, value: texts.types[extension.type] },
          { label: texts.column.latest, value: extension.latestVersion },
          { label: texts.column.updated, value: texts.by(format.instant(extension.updatedAt), extension.updatedBy) },
          {
            label: texts.column.tags,
            value: (
              <>
                {[...tags, extension.resourceGroup].filter(Boolean).join(', ') || data.none}{' '}
                <PermittedButton
                  permission={{ action: 'oos:TagResources', resource: `template/${extension.name}` }}
                  variant="inline-icon"
                  iconName="edit"
                  ariaLabel={texts.tags.edit}
                  onClick={() => setIsEditing(true)}
                />
              </>
            ),
          },
        ]}
      />
      {isEditing && <EditTags extension={extension} onClose={() => setIsEditing(false)} />}
    </Container>
  )
}
