import { itemsOf } from '../../../client/pages.ts'
import type { ExtensionView } from '../../../protocol/api/extensions.ts'
import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerExtensionList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list extensions with their installed versions', async ({ client, print }) => {
    const extensions: ExtensionView[] = []
    for await (const extension of itemsOf(client.extensions.list)) extensions.push(extension)
    print(extensions, () =>
      printTable(
        context.out,
        extensions,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'type', text: ({ type }) => type },
          { title: 'latest', text: ({ latestVersion }) => latestVersion },
          { title: 'installed on', text: ({ installedOn }) => showInstalledOn(installedOn) },
          { title: 'updated', text: ({ updatedAt }) => showInstant(updatedAt) },
          { title: 'description', text: ({ description }) => description },
        ],
        'no extensions; create one with `chandler extension create DIR`',
      ),
    )
  }).alias('ls')
}

export const showInstalledOn = (installedOn: Readonly<Record<string, number>>) =>
  Object.entries(installedOn)
    .filter(([, count]) => count > 0)
    .map(([version, count]) => `${count} × ${version}`)
    .join(', ')
