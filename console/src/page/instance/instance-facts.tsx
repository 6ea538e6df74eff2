import Container from '@cloudscape-design/components/container'
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'

/** Facts reported by the agent. */
export function InstanceFacts({ facts }: { readonly facts: InstanceView['facts'] }) {
  const { data, instances } = useTexts()
  const { facts: texts } = instances
  const format = useFormat()
  const { os, cloud } = facts
  const pair = (label: string, value: string): KeyValuePairsProps.Pair => ({ label, value: value || data.none })
  const system = [
    pair(texts.os, os.name),
    pair(texts.osId, os.id),
    pair(texts.osLike, os.idLike?.join(', ') ?? ''),
    pair(texts.osVersion, os.version),
    pair(texts.osFamily, os.family),
    pair(texts.kernel, os.kernel),
    pair(texts.arch, os.arch),
  ]
  const machine = [
    pair(texts.hostName, facts.hostName),
    pair(texts.addresses, facts.addresses.join(', ')),
    pair(texts.cpus, format.number(facts.cpus)),
    pair(texts.memory, format.bytes(facts.memoryBytes)),
    pair(texts.disk, format.bytes(facts.diskFreeBytes)),
    pair(texts.virtualization, facts.virtualization),
    pair(texts.agent, facts.agentVersion),
  ]
  const place = cloud
    ? [
        pair(texts.provider, cloud.provider),
        pair(texts.region, cloud.region),
        pair(texts.zone, cloud.zone),
        pair(texts.instanceId, cloud.instanceId),
        pair(texts.instanceType, cloud.instanceType),
        pair(texts.instanceFamily, cloud.instanceFamily),
        pair(texts.image, cloud.imageId),
        pair(texts.imageType, cloud.imageType),
        pair(texts.network, cloud.networkType),
      ]
    : [pair(texts.provider, texts.noCloud)]
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { type: 'group', title: texts.system, items: system },
          { type: 'group', title: texts.machine, items: machine },
          { type: 'group', title: texts.cloud, items: place },
        ]}
      />
    </Container>
  )
}
