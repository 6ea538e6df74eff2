import type { InstanceId } from '../src/core/id.ts'
import type { CloudFacts, Facts } from '../src/core/instance/facts.ts'
import type { Instance } from '../src/core/instance/instance.ts'

type FactsChanges = Omit<Partial<Facts>, 'os' | 'cloud'> & { os?: Partial<Facts['os']>; cloud?: Partial<CloudFacts> }

/**
 * Facts of an on-premises Debian 12 server, with changes. Any cloud field makes it one of Alibaba
 * Cloud's.
 */
export function makeFacts({ os, cloud, ...rest }: FactsChanges = {}): Facts {
  return {
    os: {
      family: 'linux',
      id: 'debian',
      version: '12',
      name: 'Debian GNU/Linux 12',
      kernel: '6.1.0',
      arch: 'x86_64',
      ...os,
    },
    hostName: 'web-1',
    addresses: ['10.0.0.1'],
    cpus: 2,
    memoryBytes: 4_294_967_296,
    diskFreeBytes: 10_737_418_240,
    virtualization: 'kvm',
    agentVersion: '0.1.0',
    ...rest,
    ...(cloud && {
      cloud: {
        provider: 'alibaba',
        region: 'cn-hangzhou',
        zone: 'cn-hangzhou-b',
        instanceId: 'i-bp1',
        instanceType: 'ecs.g7.large',
        instanceFamily: 'ecs.g7',
        imageId: 'debian_12',
        imageType: 'system',
        networkType: 'vpc',
        ...cloud,
      },
    }),
  }
}

/** An online instance named after its id, with changes. */
export function makeInstance(changes: Omit<Partial<Instance>, 'id'> & { id?: string } = {}): Instance {
  const id = (changes.id ?? 'i-0000000000000001') as InstanceId
  return { name: id, status: 'online', facts: makeFacts(), tags: {}, resourceGroup: 'default', ...changes, id }
}
