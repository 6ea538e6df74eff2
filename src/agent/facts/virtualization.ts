import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Dmi } from './dmi.ts'

/**
 * `none`, `kvm`, `vmware`, `docker`…, with the names of systemd-detect-virt(1), which is asked
 * first; without it, derived from the first process and the firmware. Empty if unknown.
 */
export async function detectVirtualization(dmi: Dmi): Promise<string> {
  return (await askSystemd()) ?? (await containerHint()) ?? machineHint(dmi)
}

/** Undefined if it is not installed. It exits with 1 for `none`. */
const askSystemd = () =>
  new Promise<string | undefined>((resolve) => {
    execFile('systemd-detect-virt', { timeout: 2_000, maxBuffer: 4_096 }, (_, stdout) => {
      const word = stdout.trim()
      resolve(/^[a-z0-9-]{1,64}$/.test(word) ? word : undefined)
    })
  })

async function containerHint(): Promise<string | undefined> {
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

const machineHints: readonly (readonly [RegExp, string])[] = [
  [/KVM|Alibaba Cloud|OpenStack|DigitalOcean/i, 'kvm'],
  [/Amazon EC2/i, 'amazon'],
  [/Google Compute Engine/i, 'google'],
  [/VMware/i, 'vmware'],
  [/VirtualBox|innotek/i, 'oracle'],
  [/Xen/i, 'xen'],
  [/QEMU/i, 'qemu'],
  [/Microsoft Corporation Virtual Machine/i, 'microsoft'],
  [/Parallels/i, 'parallels'],
]

export function machineHint({ sysVendor, productName, biosVendor }: Dmi): string {
  const said = `${sysVendor} ${productName} ${biosVendor}`.trim()
  if (said === '') return ''
  return machineHints.find(([pattern]) => pattern.test(said))?.[1] ?? 'none'
}
