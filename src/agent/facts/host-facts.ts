import { statfs } from 'node:fs/promises'
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os'
import type { Facts } from '../../core/instance/facts.ts'
import { createMachine } from '../platform/create-machine.ts'
import type { HostMachine } from '../platform/machine.ts'

/** Facts from the operating system; all facts except virtualisation and cloud. */
export async function readHostFacts(
  stateDirectory: string,
  machine: HostMachine,
): Promise<Omit<Facts, 'virtualization' | 'agentVersion'>> {
  const [os, diskFreeBytes] = await Promise.all([readOsFacts(machine), readDiskFree(stateDirectory)])
  return {
    os,
    hostName: hostname(),
    addresses: listAddresses(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    diskFreeBytes,
  }
}

export const readOsFacts = async (machine: HostMachine = createMachine()): Promise<Facts['os']> => ({
  ...(await machine.readOs()),
  kernel: release(),
  arch: archName(arch()),
})

/**
 * The architecture by the name of uname where Node has a different one, and by Chandler's where
 * uname has two.
 */
const archName = (nodeArch: string) =>
  (({ x64: 'x86_64', ia32: 'i686' }) as Record<string, string>)[nodeArch] ?? nodeArch

/** Of every interface except loopback; link-local addresses do not locate an instance. */
function listAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const useful = all.filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address))
  return [...new Set(useful.map(({ address }) => address))].sort()
}

async function readDiskFree(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
