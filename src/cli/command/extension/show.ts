import { itemsOf } from '../../../client/pages.ts'
import type { VersionView } from '../../../protocol/api/extensions.ts'
import { showBytes, showInstant, showTags } from '../../output/format.ts'
import type { Sink } from '../../output/sink.ts'
import { printFields, printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { showInstalledOn } from './list.ts'

interface Options {
  readonly version?: string
}

export const registerExtensionShow: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'show <name>',
    'show an extension with its versions, or one version in full',
    async ({ client, options, print }, name: string) => {
      if (options.version !== undefined) {
        const version = await client.extensions.getVersion(name, options.version)
        print(version, () => printVersion(context.out, version))
        return
      }
      const extension = await client.extensions.get(name)
      const versions: VersionView[] = []
      for await (const version of itemsOf((page) => client.extensions.listVersions(name, page))) versions.push(version)
      print({ ...extension, versions }, () => {
        printFields(context.out, [
          ['name', extension.name],
          ['type', extension.type],
          ['description', extension.description],
          ['tags', showTags(extension.tags)],
          ['resource group', extension.resourceGroup],
          ['channels', showTags(extension.channels)],
          ['installed on', showInstalledOn(extension.installedOn) || 'no instance'],
        ])
        context.out.line()
        printTable(
          context.out,
          versions,
          [
            { title: 'version', text: ({ version }) => version },
            { title: 'created', text: ({ createdAt }) => showInstant(createdAt) },
            { title: 'state', text: ({ deprecated }) => (deprecated ? 'deprecated' : 'current') },
            { title: 'platforms', text: ({ configurations }) => configurations.map(showSystem).join(', ') },
            { title: 'description', text: ({ versionDescription }) => versionDescription },
          ],
          'no versions',
        )
      })
    },
  ).option('--version <version>', 'show this version (vN, latest or a channel) in full')
}

type Configuration = VersionView['configurations'][number]

const showSystem = ({ os, arch, platforms }: Configuration) => {
  const names = platforms?.map(({ id, versions }) => [id, versions].filter(Boolean).join(' ')).join(' or ')
  return `${names ?? os} ${arch === 'any' ? '(any architecture)' : arch}`
}

function printVersion(out: Sink, version: VersionView): void {
  printFields(out, [
    ['extension', version.extension],
    ['version', `${version.version}${version.deprecated ? ' (deprecated)' : ''}`],
    ['created', showInstant(version.createdAt)],
    ['description', version.versionDescription],
    ['scope', showScope(version.scope)],
  ])
  const parameters = Object.entries(version.parameters)
  if (parameters.length > 0) {
    out.line()
    printTable(
      out,
      parameters,
      [
        { title: 'parameter', text: ([name]) => name },
        { title: 'type', text: ([, { type, noEcho }]) => (noEcho ? `${type}, secret` : type) },
        {
          title: 'default',
          text: ([, declaration]) =>
            declaration.default === undefined
              ? '(required)'
              : declaration.default === ''
                ? '""'
                : String(declaration.default),
        },
        { title: 'description', text: ([, { description }]) => description },
      ],
      '',
    )
  }
  for (const configuration of version.configurations) {
    const { id, artifact, scripts, verify } = configuration
    out.line()
    printFields(out, [
      ['configuration', `${id}: ${showSystem(configuration)}`],
      [
        'artifact',
        artifact &&
          `${artifact.fileName} (${artifact.kind}, ${showBytes(artifact.sizeBytes)}, sha256 ${artifact.sha256})`,
      ],
      ['scripts', Object.keys(scripts).join(', ') || 'none (installed by the OS package manager)'],
      ['verify', verify.map(({ kind }) => kind).join(', ')],
    ])
  }
}

function showScope({ instanceFamilies, imageTypes, platforms }: VersionView['scope']): string {
  const parts = [
    instanceFamilies?.length ? `instance families ${instanceFamilies.join(', ')}` : '',
    imageTypes?.length ? `image types ${imageTypes.join(', ')}` : '',
    platforms?.length ? platforms.map(({ id, versions }) => [id, versions].filter(Boolean).join(' ')).join(', ') : '',
  ]
  return parts.filter(Boolean).join('; ') || 'everywhere'
}
