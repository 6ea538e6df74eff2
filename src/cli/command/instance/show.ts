import type { InstanceDetailView, InstanceView } from '../../../protocol/api/instances.ts'
import { findInstance } from '../../find-instance.ts'
import { showBytes, showInstant, showTags, showValues } from '../../output/format.ts'
import { printFields } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { showStatus } from './show-status.ts'

export const registerInstanceShow: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'show <instance>',
    'show an instance in full',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      const instance = await client.instances.get(id)
      const { facts } = instance
      print(instance, () =>
        printFields(context.out, [
          ['id', instance.id],
          ['name', instance.name],
          ['status', showStatus(instance)],
          [
            instance.admission,
            instance.admissionSince &&
              `since ${showInstant(instance.admissionSince)}: ${instance.admissionReason ?? ''}`,
          ],
          ['ready', instance.boot && showBoot(instance)],
          ['next', instance.admission === 'admitted' ? undefined : nextSteps[instance.admission](instance.id)],
          ['last seen', instance.lastSeenAt && showInstant(instance.lastSeenAt)],
          ['enrolled', showInstant(instance.enrolledAt)],
          ['tags', showTags(instance.tags)],
          ['resource group', instance.resourceGroup],
          ['role', instance.role],
          ['system', `${facts.os.name} (${[facts.os.id, facts.os.version, facts.os.arch].filter(Boolean).join(' ')})`],
          ['derived from', facts.os.idLike?.join(', ')],
          ['kernel', facts.os.kernel],
          ['host name', facts.hostName],
          ['addresses', facts.addresses.join(', ')],
          ['processors', facts.cpus],
          ['memory', showBytes(facts.memoryBytes)],
          ['disk free', showBytes(facts.diskFreeBytes)],
          ['virtualization', facts.virtualization],
          ['cloud', facts.cloud && `${facts.cloud.provider} ${facts.cloud.zone} ${facts.cloud.instanceType}`],
          ['agent', facts.agentVersion],
          ['trust file', facts.trust && showTrust(facts.trust)],
          ...instance.installed.map((entry) => ['installed', showEntry(entry)] as const),
          ...instance.broken.map((entry) => ['broken', showEntry(entry)] as const),
          ...instance.installed.flatMap(({ extension, version, drift }) =>
            drift
              ? [['drifted', `${extension} ${version} since ${showInstant(drift.since)}: ${drift.reason}`] as const]
              : [],
          ),
          ...instance.drift.map((entry) => ['drift', showDrift(entry)] as const),
        ]),
      )
    },
  )
}

/** `no: exec-… installs its boot profile`. */
function showBoot({ ready, boot }: Pick<InstanceView, 'ready' | 'boot'>): string {
  if (ready) return 'yes'
  if (boot?.failure) return `no: its boot profile could not be started: ${boot.failure.message}`
  if (boot?.joinToken === undefined || boot.executionId !== undefined) {
    const awaited = boot?.assignments?.join(', ')
    if (awaited) return `no: assignments do not hold yet: ${awaited}`
    if (boot?.joinToken === undefined) return 'no: its assignments have not been evaluated'
  }
  return boot?.executionId === undefined ? 'no: its boot profile has not been started' : `no: see ${boot.executionId}`
}

const nextSteps = {
  pending: (id: string) => `chandler instance approve ${id}, or reject ${id}`,
  quarantined: (id: string) =>
    `chandler instance release ${id} if the change was legitimate; otherwise chandler instance remove ${id}, and enrol the machine again`,
}

const showEntry = ({ extension, version, since, executionId, parameters }: InstanceView['installed'][number]) =>
  [`${extension} ${version} since ${showInstant(since)} by ${executionId}`, showValues(parameters)]
    .filter((text) => text !== undefined)
    .join(': ')

type Drift = InstanceDetailView['drift'][number]

/** `demo: v2 was known, v1 was found at 2026-01-02 03:04:05 UTC`. */
const showDrift = ({ extension, expected, found, noticedAt, differs }: Drift) => {
  const rest = differs.filter((kind) => kind !== 'installed' && kind !== 'status' && kind !== 'version')
  const others = rest.length === 0 ? '' : ` with other ${rest.join(' and ')}`
  return `${extension}: expected ${showSide(expected)}, found ${showSide(found)}${others} at ${showInstant(noticedAt)}`
}

const showSide = (side: Drift['found']) =>
  side === undefined ? 'nothing' : `${side.version}${side.status === 'broken' ? ' (broken)' : ''}`

const showTrust = ({ version, expires }: { readonly version: number; readonly expires: string }) =>
  version === 0 ? 'cannot be read: the instance runs nothing' : `version ${version}, expires ${showInstant(expires)}`
