import type { InstanceView } from '../../../../../src/protocol/api/instances.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { InstancesBadges } from './instances-badges.tsx'

/** Extensions of an instance, broken and drifted ones first because they need attention. */
export function InstancesExtensions({ instance }: { readonly instance: InstanceView }) {
  const { data, executions, instances } = useTexts()
  const [drifted, intact] = [true, false].map((isDrifted) =>
    instance.installed.filter(({ drift }) => (drift !== undefined) === isDrifted),
  ) as [InstanceView['installed'], InstanceView['installed']]
  const all = [
    ...instance.broken.map((one) => ({
      text: instances.broken(`${one.extension} ${one.version}`),
      color: 'red' as const,
      title: instances.brokenDetail,
    })),
    ...drifted.map((one) => ({
      text: instances.drifted(`${one.extension} ${one.version}`),
      color: 'severity-medium' as const,
      title: executions.explainReason(one.drift ?? { reason: '' }),
    })),
    ...intact.map(({ extension, version }) => ({
      text: `${extension} ${version}`,
      color: 'blue' as const,
      title: undefined,
    })),
  ]
  if (all.length === 0) return data.none
  return <InstancesBadges instanceId={instance.id} badges={all} />
}
