import type { Facts } from '../../core/instance/facts.ts'

/** What identifies and describes a machine: one implementation per OS family. */
export interface HostMachine {
  /** Texts that identify it; empty or absent where there is none, or this user may not read it. */
  readIds(): Promise<{ readonly machineId?: string; readonly productUuid?: string }>
  /** Id, version, names and kernel of the operating system, without what Node.js knows itself. */
  readOs(): Promise<Omit<Facts['os'], 'arch' | 'kernel'>>
  /** Files that change with what `readOs` returns. */
  readonly osFiles: readonly string[]
  readFirmware(): Promise<Dmi>
  /** `none`, `kvm`, `docker`…, with the names of systemd-detect-virt(1); undefined if unknown. */
  findVirtualization(): Promise<string | undefined>
}

/**
 * HostMachine identification by the real or virtual firmware; empty fields where it has none
 * (containers, some arm64 machines).
 */
export interface Dmi {
  readonly sysVendor: string
  readonly productName: string
  readonly biosVendor: string
  readonly biosVersion: string
  readonly chassisAssetTag: string
}
