import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Machine identification by the real or virtual firmware; empty fields where it has none
 * (containers, some arm64 machines).
 */
export interface Dmi {
  readonly sysVendor: string
  readonly productName: string
  readonly biosVendor: string
  readonly biosVersion: string
  readonly chassisAssetTag: string
}

export async function readDmi(directory = '/sys/class/dmi/id'): Promise<Dmi> {
  const read = async (name: string) => (await readFile(join(directory, name), 'utf8').catch(() => '')).trim()
  const [sysVendor, productName, biosVendor, biosVersion, chassisAssetTag] = await Promise.all([
    read('sys_vendor'),
    read('product_name'),
    read('bios_vendor'),
    read('bios_version'),
    read('chassis_asset_tag'),
  ])
  return { sysVendor, productName, biosVendor, biosVersion, chassisAssetTag }
}
