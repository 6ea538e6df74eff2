import { Option } from 'commander'
import type { InstanceQuery } from '../../../client/instances.ts'
import { itemsOf } from '../../../client/pages.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { instanceStatuses } from '../../../core/instance/instance.ts'
import type { TargetsInput } from '../../../protocol/api/executions.ts'
import { type InstanceSort, type InstanceView, instanceSorts } from '../../../protocol/api/instances.ts'
import { showTags } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { collect } from '../../parse-option.ts'
import { loadFiltered } from '../../refuse-filter.ts'
import { readSelector } from '../../selector.ts'
import { UsageError } from '../../usage-error.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'
import { showStatus } from './show-status.ts'

interface Options {
  readonly targets?: string
  readonly status?: InstanceView['status']
  readonly name?: string
  readonly extension?: string
  readonly installedVersion?: string
  readonly filter?: readonly string[]
  readonly search?: string
  readonly sort?: InstanceSort
}

export const registerInstanceList: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'list',
    'list instances with status, tags and installed extensions',
    listInstances,
  )
    .option(
      '--targets <selector>',
      'all, id:…, name:…, tag:k=v[,k2=v2], group:NAME, resource-group:NAME, filter:CONDITIONS or file:ids.csv',
    )
    .addOption(new Option('--status <status>', 'filter by status').choices(instanceStatuses))
    .option('--name <text>', 'filter by name')
    .option('--extension <name>', 'filter by installed extension')
    .option('--installed-version <version>', 'with --extension: filter by installed version')
    .option(
      '--filter <condition>',
      'os=debian, tag:env!=prod, name~web, extension=demo@v2, broken=*, drifted=demo, admission=pending; repeat it to combine conditions with AND',
      collect,
    )
    .option('--search <text>', 'search in name, id, host name and addresses')
    .addOption(
      new Option('--sort <order>', 'sort order; prefix with - to reverse').choices(
        instanceSorts.flatMap((sort) => [sort, `-${sort}`]),
      ),
    )
    .alias('ls')
}

async function listInstances({ client, context, options, print }: ApiRun<Options>) {
  const selector = options.targets === undefined ? undefined : await readSelector(options.targets)
  const targets = selector?.text
  const { status, name, extension, installedVersion: version, search, sort } = options
  const filter = options.filter?.join(',')
  const request = { targets, status, name, extension, version, filter, search, sort }
  const instances = await loadFiltered(itemsOf((page) => client.instances.list({ ...page, ...request })))
  if (isOnlyTargets(request)) refuseMissing(selector?.targets, instances)
  // The stable form for scripts; `instance show` prints all fields.
  const answer = instances.map(({ id, name, status, admission, facts, tags, installed }) => ({
    id,
    name,
    status,
    ...(admission === 'admitted' ? {} : { admission }),
    facts,
    tags,
    installed: installed.map(({ extension, version, drift }) => ({
      extension,
      version,
      ...(drift && { driftedSince: drift.since }),
    })),
  }))
  print(answer, () =>
    printTable(
      context.out,
      instances,
      [
        { title: 'id', text: ({ id }) => id },
        { title: 'name', text: ({ name }) => name },
        {
          title: 'status',
          text: showStatus,
          style: ({ status, admission }) => (status === 'online' && admission === 'admitted' ? 'green' : 'red'),
        },
        { title: 'system', text: ({ facts: { os } }) => [os.id, os.version, os.arch].filter(Boolean).join(' ') },
        { title: 'tags', text: ({ tags }) => showTags(tags) },
        { title: 'installed', text: showInstalled },
      ],
      Object.values(request).every((one) => one === undefined)
        ? 'no instances; enrol one with the command that `chandler token create` prints'
        : 'no instance matches',
    ),
  )
}

/** No other filter excludes instances. */
const isOnlyTargets = ({ status, name, extension, filter, search }: InstanceQuery) =>
  [status, name, extension, filter, search].every((one) => one === undefined)

function refuseMissing(targets: TargetsInput | undefined, instances: readonly InstanceView[]): void {
  if (targets?.kind !== 'ids' && targets?.kind !== 'names') return
  const [words, present] =
    targets.kind === 'ids'
      ? [targets.ids, new Set(instances.map(({ id }) => id))]
      : [targets.names, new Set(instances.map(({ name }) => name))]
  const missing = words.filter((word) => !present.has(word))
  if (missing.length === 0) return
  const { message, next } = chandlerError('TargetsNotFound', { missing: missing.join(', ') })
  throw new UsageError(message, next)
}

const showInstalled = ({ installed, broken }: InstanceView) =>
  [
    ...installed.map(({ extension, version, drift }) => `${extension} ${version}${drift ? ' (drifted)' : ''}`),
    ...broken.map(({ extension, version }) => `${extension} ${version} (broken)`),
  ].join(', ')
