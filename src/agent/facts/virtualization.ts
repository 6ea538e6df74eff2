import type { Dmi, HostMachine } from '../platform/machine.ts'

/**
 * `none`, `kvm`, `vmware`, `docker`…, with the names of systemd-detect-virt(1): what the operating
 * system says, otherwise derived from the firmware. Empty if unknown.
 */
export const detectVirtualization = async (machine: HostMachine, dmi: Dmi): Promise<string> =>
  (await machine.findVirtualization()) ?? machineHint(dmi)

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
