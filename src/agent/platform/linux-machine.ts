import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dmi, HostMachine } from './machine.ts'
import { readDistribution } from './os-release.ts'

/** Where a Linux machine describes itself; tests use files of their own. */
export interface LinuxMachineFiles {
  readonly machineId?: string
  readonly productUuid?: string
  /** Locations of os-release(5), in order of preference. */
  readonly releaseFiles?: readonly string[]
  readonly dmiDirectory?: string
}

export function createLinuxMachine({
  machineId = '/etc/machine-id',
  productUuid = '/sys/class/dmi/id/product_uuid',
  releaseFiles = ['/etc/os-release', '/usr/lib/os-release'],
  dmiDirectory = '/sys/class/dmi/id',
}: LinuxMachineFiles = {}): HostMachine {
  return {
    async readIds() {
      const [id, uuid] = await Promise.all([readOrEmpty(machineId), readOrEmpty(productUuid)])
      return { machineId: id === 'uninitialized' ? '' : id, productUuid: uuid }
    },
    async readOs() {
      for (const path of releaseFiles) {
        const text = await readFile(path, 'utf8').catch(() => undefined)
        if (text !== undefined) return { family: 'linux', ...readDistribution(text, 'linux') }
      }
      return { family: 'linux', ...readDistribution('', 'linux') }
    },
    osFiles: releaseFiles,
    readFirmware: () => readDmi(dmiDirectory),
    findVirtualization: async () => (await askSystemd()) ?? (await findContainer()),
  }
}

const readOrEmpty = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim()

async function readDmi(directory: string): Promise<Dmi> {
  const read = (name: string) => readOrEmpty(join(directory, name))
  const [sysVendor, productName, biosVendor, biosVersion, chassisAssetTag] = await Promise.all([
    read('sys_vendor'),
    read('product_name'),
    read('bios_vendor'),
    read('bios_version'),
    read('chassis_asset_tag'),
  ])
  return { sysVendor, productName, biosVendor, biosVersion, chassisAssetTag }
}

/** Undefined if it is not installed. It exits with 1 for `none`. */
const askSystemd = () =>
  new Promise<string | undefined>((resolve) => {
    execFile('systemd-detect-virt', { timeout: 2_000, maxBuffer: 4_096 }, (_, stdout) => {
      const word = stdout.trim()
      resolve(/^[a-z0-9-]{1,64}$/.test(word) ? word : undefined)
    })
  })

async function findContainer(): Promise<string | undefined> {
  const [cgroup, dockerEnv, podmanEnv] = await Promise.all([
    readFile('/proc/1/cgroup', 'utf8').catch(() => ''),
    readFile('/.dockerenv').catch(() => undefined),
    readFile('/run/.containerenv').catch(() => undefined),
  ])
  if (dockerEnv !== undefined) return 'docker'
  if (podmanEnv !== undefined) return 'podman'
  return matchCgroup(cgroup)
}

/** Container managers name the control groups of their containers. */
export function matchCgroup(cgroup: string): string | undefined {
  if (/docker/.test(cgroup)) return 'docker'
  if (/libpod/.test(cgroup)) return 'podman'
  if (/lxc/.test(cgroup)) return 'lxc'
  if (/kubepods|containerd/.test(cgroup)) return 'container-other'
  return undefined
}
