import { release, version } from 'node:os'
import type { HostMachine } from '../machine.ts'
import { queryRegistry } from './registry.ts'
import { readHostMachine } from './windows-host.ts'

const firmwareKey = 'HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS'

export const windowsMachine: HostMachine = {
  async readIds() {
    const [guid] = await queryRegistry('HKLM\\SOFTWARE\\Microsoft\\Cryptography', 64, '/v', 'MachineGuid')
    return { machineId: guid?.value ?? '', productUuid: readHostMachine().get('uuid') ?? '' }
  },
  readOs: () => Promise.resolve({ family: 'windows', id: 'windows', version: release(), name: version() }),
  // A new version of Windows comes with a reboot.
  osFiles: [],
  async readFirmware() {
    const values = new Map((await queryRegistry(firmwareKey, 64)).map(({ name, value }) => [name, value]))
    return {
      sysVendor: values.get('SystemManufacturer') ?? '',
      productName: values.get('SystemProductName') ?? '',
      biosVendor: values.get('BIOSVendor') ?? '',
      biosVersion: values.get('BIOSVersion') ?? '',
      // Only in the tables of the firmware themselves.
      chassisAssetTag: '',
    }
  },
  findVirtualization: () => Promise.resolve(undefined),
}
