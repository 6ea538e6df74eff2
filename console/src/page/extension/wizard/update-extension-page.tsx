import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Page } from '../../../app/page.tsx'
import { PageLoading } from '../../../app/page-loading.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { draftFromVersion } from './draft-from-version.ts'
import { ExtensionWizard } from './extension-wizard.tsx'

export function UpdateExtensionPage({ params }: { readonly params: Readonly<Record<string, string | undefined>> }) {
  const { shell, extensionWizard: texts } = useTexts()
  const name = params['name'] ?? ''
  const query = useQuery(`extensions/${name}/newest`, async (client) => {
    const extension = await client.extensions.get(name)
    return { extension, version: await client.extensions.getVersion(name, extension.latestVersion) }
  })
  const newest = query.data?.extension.name === name ? query.data : undefined
  const href = `/extensions/${encodeURIComponent(name)}`
  return (
    <Page
      title={texts.updateTitle(name)}
      description={newest && texts.updateDescription(newest.version.version)}
      above={[
        { text: shell.navigation.extensions, href: '/extensions' },
        { text: name, href },
      ]}
    >
      {newest ? (
        <ExtensionWizard
          key={name}
          name={`update.${name}`}
          makeInitial={() => draftFromVersion(newest.extension, newest.version)}
          newestVersion={newest.version.version}
          cancelHref={href}
        />
      ) : query.error ? (
        <SpaceBetween size="m">
          <ProblemAlert error={query.error} onRetry={query.refresh} />
          <Button href="/extensions">{texts.notFoundNext}</Button>
        </SpaceBetween>
      ) : (
        <PageLoading />
      )}
    </Page>
  )
}
