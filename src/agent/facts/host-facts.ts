import { readFile, statfs } from 'node:fs/promises'
import { arch, cpus, hostname, networkInterfaces, platform, release, totalmem } from 'node:os'
import type { Facts } from '../../core/instance/facts.ts'
import { readDistribution } from './os-release.ts'

/** Locations of os-release(5), in order of preference. */
export const defaultReleaseFiles = ['/etc/os-release', '/usr/lib/os-release']

/** Facts from the operating system; all facts except virtualisation and cloud. */
export async function readHostFacts(
  stateDirectory: string,
  releaseFiles: readonly string[],
): Promise<Omit<Facts, 'virtualization' | 'agentVersion'>> {
  const [os, diskFreeBytes] = await Promise.all([readOsFacts(releaseFiles), readDiskFree(stateDirectory)])
  return {
    os,
    hostName: hostname(),
    addresses: listAddresses(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    diskFreeBytes,
  }
}

export async function readOsFacts(releaseFiles: readonly string[] = defaultReleaseFiles): Promise<Facts['os']> {
  const common = { kernel: release(), arch: archName(arch()) }
  if (platform() === 'win32')
    return { family: 'windows', id: 'windows', version: release(), name: 'Windows', ...common }
  return { family: 'linux', ...readDistribution(await readFirst(releaseFiles), platform()), ...common }
}

/**
 * The architecture by the name of uname where Node has a different one, and by Chandler's where
 * uname has two.
 */
const archName = (nodeArch: string) =>
  (({ x64: 'x86_64', ia32: 'i686' }) as Record<string, string>)[nodeArch] ?? nodeArch

async function readFirst(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}

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
