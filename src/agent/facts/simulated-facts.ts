import type { CloudFacts } from '../../core/instance/facts.ts'
import { createSeededRandom } from '../simulate/seeded-random.ts'
import type { WireFacts } from './fit-facts.ts'

/** The weights model a mixed fleet, so that a scope matches only a part of it. */
const systems = [
  { weight: 25, id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-28' },
  { weight: 10, id: 'debian', version: '11', name: 'Debian GNU/Linux 11 (bullseye)', kernel: '5.10.0-33' },
  { weight: 20, id: 'ubuntu', version: '22.04', name: 'Ubuntu 22.04.5 LTS', kernel: '5.15.0-126' },
  { weight: 15, id: 'ubuntu', version: '24.04', name: 'Ubuntu 24.04.1 LTS', kernel: '6.8.0-49' },
  { weight: 10, id: 'alinux', version: '3', name: 'Alibaba Cloud Linux 3', kernel: '5.10.134-18' },
  { weight: 8, id: 'centos', version: '7', name: 'CentOS Linux 7 (Core)', kernel: '3.10.0-1160' },
  { weight: 7, id: 'rocky', version: '9.5', name: 'Rocky Linux 9.5 (Blue Onyx)', kernel: '5.14.0-503' },
  { weight: 5, id: 'amzn', version: '2023', name: 'Amazon Linux 2023', kernel: '6.1.115' },
] as const

type Place = Pick<CloudFacts, 'provider' | 'region' | 'zone' | 'instanceType' | 'instanceFamily' | 'imageType'>

const places: readonly (Place & { weight: number })[] = [
  {
    weight: 25,
    provider: 'alibaba',
    region: 'cn-hangzhou',
    zone: 'cn-hangzhou-h',
    instanceType: 'ecs.g7.large',
    instanceFamily: 'ecs.g7',
    imageType: 'system',
  },
  {
    weight: 15,
    provider: 'alibaba',
    region: 'cn-beijing',
    zone: 'cn-beijing-a',
    instanceType: 'ecs.c6.xlarge',
    instanceFamily: 'ecs.c6',
    imageType: '',
  },
  {
    weight: 20,
    provider: 'aws',
    region: 'eu-central-1',
    zone: 'eu-central-1a',
    instanceType: 'm5.large',
    instanceFamily: 'm5',
    imageType: '',
  },
  {
    weight: 10,
    provider: 'azure',
    region: 'westeurope',
    zone: 'westeurope-1',
    instanceType: 'Standard_D2s_v3',
    instanceFamily: 'Standard_Ds_v3',
    imageType: 'system',
  },
  {
    weight: 10,
    provider: 'gcp',
    region: 'us-central1',
    zone: 'us-central1-a',
    instanceType: 'n2-standard-4',
    instanceFamily: 'n2',
    imageType: '',
  },
]

const sizes = [
  { weight: 50, cpus: 2, memoryGiB: 8 },
  { weight: 30, cpus: 4, memoryGiB: 16 },
  { weight: 20, cpus: 16, memoryGiB: 64 },
] as const

const GiB = 1024 ** 3

/** Facts of instance `ordinal` (from 0) of a simulated fleet: equal seeds give equal facts. */
export function makeSimulatedFacts(seed: number, ordinal: number, hostName: string, agentVersion: string): WireFacts {
  const random = createSeededRandom(Math.imul(seed, 1_000_003) + ordinal)
  const { weight: _, ...system } = pick(systems, random()) ?? systems[0]
  const arch = random() < 0.8 ? 'x86_64' : 'arm64'
  const size = pick(sizes, random()) ?? sizes[0]
  // The weights leave a fifth of the fleet on premises.
  const place = pick(places, random())
  return {
    os: { family: 'linux', ...system, arch },
    hostName,
    addresses: [`10.${(ordinal >> 16) & 255}.${(ordinal >> 8) & 255}.${ordinal & 255}`],
    cpus: size.cpus,
    memoryBytes: size.memoryGiB * GiB,
    diskFreeBytes: Math.round(random() * 200) * GiB,
    virtualization: place === undefined ? 'none' : 'kvm',
    agentVersion,
    ...(place === undefined ? {} : { cloud: makeCloud(place, ordinal) }),
  }
}

function makeCloud(
  { provider, region, zone, instanceType, instanceFamily, imageType }: Place,
  ordinal: number,
): CloudFacts {
  const instanceId = `sim-${ordinal.toString(36).padStart(8, '0')}`
  return {
    provider,
    region,
    zone,
    instanceId,
    instanceType,
    instanceFamily,
    imageId: 'simulated',
    imageType,
    networkType: 'vpc',
  }
}

/** Weights are percent; undefined for the remainder up to a hundred. */
function pick<Choice extends { weight: number }>(choices: readonly Choice[], drawn: number): Choice | undefined {
  let left = drawn * 100
  return choices.find(({ weight }) => {
    left -= weight
    return left < 0
  })
}
