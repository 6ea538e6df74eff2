import { showVersion } from '../../../core/extension/extension.ts'
import type { ListedInstance } from '../../app/instance/list-instances.ts'
import { csvStart, renderCsvRows } from '../http/csv.ts'

const columns: readonly (readonly [title: string, cell: (instance: ListedInstance) => string | number])[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['status', ({ status }) => status],
  ['os', ({ facts }) => facts.os.id],
  ['osVersion', ({ facts }) => facts.os.version],
  ['arch', ({ facts }) => facts.os.arch],
  ['hostName', ({ facts }) => facts.hostName],
  ['addresses', ({ facts }) => facts.addresses.join(' ')],
  ['cpus', ({ facts }) => facts.cpus],
  ['memoryBytes', ({ facts }) => facts.memoryBytes],
  ['region', ({ facts }) => facts.cloud?.region ?? ''],
  ['zone', ({ facts }) => facts.cloud?.zone ?? ''],
  ['instanceType', ({ facts }) => facts.cloud?.instanceType ?? ''],
  ['cloudInstanceId', ({ facts }) => facts.cloud?.instanceId ?? ''],
  ['agentVersion', ({ facts }) => facts.agentVersion],
  ['resourceGroup', ({ resourceGroup }) => resourceGroup],
  ['role', ({ role }) => role],
  ['tags', ({ tags }) => renderList(Object.entries(tags).map(([key, value]) => `${key}=${value}`))],
  ['installed', (instance) => renderExtensions(instance, 'installed')],
  ['broken', (instance) => renderExtensions(instance, 'broken')],
  [
    'drifted',
    (instance) =>
      renderExtensions({ extensions: instance.extensions.filter(({ driftedAt }) => driftedAt) }, 'installed'),
  ],
  ['parameters', (instance) => renderParameters(instance)],
  ['enrolledAt', ({ enrolledAt }) => enrolledAt.toISOString()],
  ['lastSeenAt', ({ lastSeenAt }) => lastSeenAt?.toISOString() ?? ''],
]

/** Yields a file of instances in chunks; the caller has already taken `first` from `rest`. */
export async function* renderInstanceRows(
  first: IteratorResult<readonly ListedInstance[], void>,
  rest: AsyncIterable<readonly ListedInstance[]>,
): AsyncGenerator<string, void> {
  yield csvStart + renderCsvRows([columns.map(([title]) => title)])
  if (first.done) return
  yield renderPage(first.value)
  for await (const page of rest) yield renderPage(page)
}

const renderPage = (page: readonly ListedInstance[]) =>
  renderCsvRows(page.map((instance) => columns.map(([, cell]) => cell(instance))))

const renderList = (words: readonly string[]) => words.toSorted().join('; ')

const renderExtensions = ({ extensions }: Pick<ListedInstance, 'extensions'>, wanted: 'installed' | 'broken') =>
  renderList(
    extensions
      .filter(({ status }) => status === wanted)
      .map(({ extensionName, version }) => `${extensionName} ${showVersion(version)}`),
  )

const renderParameters = ({ extensions }: ListedInstance) =>
  renderList(
    extensions.flatMap(({ extensionName, parameters }) =>
      Object.entries(parameters).map(([name, value]) => `${extensionName}.${name}=${value}`),
    ),
  )
