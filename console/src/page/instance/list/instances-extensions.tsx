import type { InstanceView } from '../../../../../src/protocol/api/instances.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { InstancesBadges } from './instances-badges.tsx'

/** Extensions of an instance, broken ones first because they need attention. */
export function InstancesExtensions({ instance }: { readonly instance: InstanceView }) {
  const { data, instances } = useTexts()
  const all = [
    ...instance.broken.map((one) => ({ ...one, isBroken: true })),
    ...instance.installed.map((one) => ({ ...one, isBroken: false })),
  ]
  if (all.length === 0) return data.none
  return (
    <InstancesBadges
      instanceId={instance.id}
      badges={all.map(({ extension, version, isBroken }) => ({
        text: isBroken ? instances.broken(`${extension} ${version}`) : `${extension} ${version}`,
        color: isBroken ? 'red' : 'blue',
        title: isBroken ? instances.brokenDetail : undefined,
      }))}
    />
  )
}
