import Badge from '@cloudscape-design/components/badge'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { useTexts } from '../../i18n/language.tsx'

/** A row is to stay a row; all of them are on the page of the instance. */
const maxShown = 4

/** What an instance has, the broken first: that is what somebody has to look at. */
export function InstancesExtensions({ instance }: { readonly instance: InstanceView }) {
  const { data, instances } = useTexts()
  const all = [
    ...instance.broken.map((one) => ({ ...one, isBroken: true })),
    ...instance.installed.map((one) => ({ ...one, isBroken: false })),
  ]
  if (all.length === 0) return data.none
  return (
    <>
      {all.slice(0, maxShown).map(({ extension, version, isBroken }) => (
        <span key={extension} className="instances-badge" title={isBroken ? instances.brokenDetail : undefined}>
          <Badge color={isBroken ? 'red' : 'blue'}>
            {isBroken ? instances.broken(`${extension} ${version}`) : `${extension} ${version}`}
          </Badge>
        </span>
      ))}
      {all.length > maxShown && instances.more(all.length - maxShown)}
    </>
  )
}
