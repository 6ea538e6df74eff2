import { expect, test } from 'vitest'
import { matchCgroup } from '../platform/linux-machine.ts'
import type { Dmi } from '../platform/machine.ts'
import { machineHint } from './virtualization.ts'

const dmi = (fields: Partial<Dmi>): Dmi => ({
  sysVendor: '',
  productName: '',
  biosVendor: '',
  biosVersion: '',
  chassisAssetTag: '',
  ...fields,
})

test.each([
  [dmi({ sysVendor: 'Alibaba Cloud', productName: 'Alibaba Cloud ECS' }), 'kvm'],
  [dmi({ sysVendor: 'Amazon EC2', productName: 'm5.large' }), 'amazon'],
  [dmi({ sysVendor: 'QEMU', productName: 'Standard PC (Q35 + ICH9, 2009)' }), 'qemu'],
  [dmi({ sysVendor: 'Red Hat', productName: 'KVM' }), 'kvm'],
  [dmi({ sysVendor: 'VMware, Inc.', productName: 'VMware Virtual Platform' }), 'vmware'],
  [dmi({ sysVendor: 'innotek GmbH', productName: 'VirtualBox' }), 'oracle'],
  [dmi({ sysVendor: 'Microsoft Corporation', productName: 'Virtual Machine' }), 'microsoft'],
  [dmi({ sysVendor: 'Microsoft Corporation', productName: 'Surface Laptop 4' }), 'none'],
  [dmi({ sysVendor: 'Dell Inc.', productName: 'PowerEdge R740' }), 'none'],
  [dmi({}), ''],
])('firmware with %o is %s', (said, virtualization) => {
  expect(machineHint(said)).toBe(virtualization)
})

test.each([
  ['12:memory:/docker/0f3c', 'docker'],
  ['0::/machine.slice/libpod-0f3c.scope', 'podman'],
  ['1:name=systemd:/lxc/web', 'lxc'],
  ['0::/kubepods.slice/kubepods-burstable.slice', 'container-other'],
  ['0::/init.scope', undefined],
])('a first process in control group %s is in %s', (cgroup, virtualization) => {
  expect(matchCgroup(cgroup)).toBe(virtualization)
})
