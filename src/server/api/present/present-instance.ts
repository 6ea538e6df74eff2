import type { z } from 'zod'
import { showVersion } from '../../../core/extension/extension.ts'
import { nameDrift } from '../../../core/instance/reconcile-installed.ts'
import type { Reason } from '../../../core/reason/reason.ts'
import type { instanceDetailSchema, instanceSchema } from '../../../protocol/api/instances.ts'
import type { getInstanceDetail, InstanceRecord } from '../../app/instance/get-instance.ts'
import { presentReason } from './present-reason.ts'

export function presentInstance(instance: InstanceRecord): z.output<typeof instanceSchema> {
  const extensions = (status: 'installed' | 'broken') =>
    instance.extensions
      .filter((state) => state.status === status)
      .map((state) => ({ extension: state.extensionName, ...presentInstalled(state) }))
  return {
    id: instance.id,
    name: instance.name,
    status: instance.status,
    facts: instance.facts as z.output<typeof instanceSchema>['facts'],
    tags: { ...instance.tags },
    resourceGroup: instance.resourceGroup,
    admission: instance.admission,
    ...presentAdmissionReason(instance.admissionReason),
    admissionSince: instance.admissionAt?.toISOString(),
    ready: instance.boot?.isReady ?? true,
    boot: instance.boot && {
      joinToken: instance.boot.joinToken,
      assignments: instance.boot.assignments && [...instance.boot.assignments],
      executionId: instance.boot.executionId,
      failure: instance.boot.failure && { ...instance.boot.failure },
    },
    role: instance.role,
    enrolledAt: instance.enrolledAt.toISOString(),
    lastSeenAt: instance.lastSeenAt?.toISOString(),
    installed: extensions('installed'),
    broken: extensions('broken'),
  }
}

function presentAdmissionReason(reason: Reason) {
  if (reason.length === 0) return {}
  const { reason: admissionReason, reasonMessages: admissionReasonMessages } = presentReason(reason)
  return { admissionReason, admissionReasonMessages }
}

type InstanceDetail = Awaited<ReturnType<typeof getInstanceDetail>>

export const presentInstanceDetail = (instance: InstanceDetail): z.output<typeof instanceDetailSchema> => ({
  ...presentInstance(instance),
  drift: instance.drift.map(({ extensionName, noticedAt, expected, found }) => ({
    extension: extensionName,
    noticedAt: noticedAt.toISOString(),
    expected: presentSide(expected),
    found: presentSide(found),
    differs: nameDrift(expected, found),
  })),
})

const presentSide = (side: InstanceDetail['drift'][number]['found']) =>
  side === null ? undefined : { status: side.status, version: showVersion(side.version) }

export const presentInstalled = (
  state: Pick<
    InstanceRecord['extensions'][number],
    'version' | 'configurationId' | 'executionId' | 'since' | 'parameters' | 'driftedAt' | 'driftReason'
  >,
) => ({
  version: showVersion(state.version),
  configurationId: state.configurationId,
  executionId: state.executionId,
  since: state.since.toISOString(),
  parameters: { ...state.parameters },
  drift: state.driftedAt
    ? { since: state.driftedAt.toISOString(), ...presentReason(state.driftReason ?? []) }
    : undefined,
})
