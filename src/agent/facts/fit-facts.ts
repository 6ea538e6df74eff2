import type { CloudFacts, Facts } from '../../core/instance/facts.ts'
import { maxPlatformRelatives } from '../../core/limits.ts'
import type { EnrolRequest } from '../../protocol/agent-messages.ts'

/** Facts in the form of the protocol. */
export type WireFacts = EnrolRequest['facts']

const cut = (text: string, max: number) => text.slice(0, max)

/**
 * Cuts facts to the limits of their schema: their text comes from OS images and metadata services,
 * and one long name must not prevent an enrolment.
 */
export function fitFacts({ os, cloud, addresses, ...facts }: Facts): WireFacts {
  return {
    os: {
      family: os.family,
      id: cut(os.id, 64),
      version: cut(os.version, 64),
      ...(os.idLike && {
        idLike: os.idLike.slice(0, maxPlatformRelatives).map((id) => cut(id, 64)),
      }),
      name: cut(os.name, 256),
      kernel: cut(os.kernel, 256),
      arch: cut(os.arch, 32),
    },
    hostName: cut(facts.hostName, 256),
    addresses: addresses.filter((address) => address.length <= 64).slice(0, 64),
    cpus: facts.cpus,
    memoryBytes: facts.memoryBytes,
    diskFreeBytes: facts.diskFreeBytes,
    virtualization: cut(facts.virtualization, 64),
    agentVersion: cut(facts.agentVersion, 64),
    ...(facts.agentProgram === undefined ? {} : { agentProgram: cut(facts.agentProgram, 128) }),
    ...(facts.trust && { trust: { version: facts.trust.version, expires: cut(facts.trust.expires, 64) } }),
    ...(cloud === undefined ? {} : { cloud: fitCloudFacts(cloud) }),
  }
}

const fitCloudFacts = (cloud: CloudFacts): CloudFacts => ({
  provider: cloud.provider,
  region: cut(cloud.region, 64),
  zone: cut(cloud.zone, 64),
  instanceId: cut(cloud.instanceId, 128),
  instanceType: cut(cloud.instanceType, 64),
  instanceFamily: cut(cloud.instanceFamily, 64),
  imageId: cut(cloud.imageId, 256),
  imageType: cut(cloud.imageType, 32),
  networkType: cut(cloud.networkType, 32),
})
