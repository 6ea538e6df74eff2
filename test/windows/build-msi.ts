import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WineMachine } from './wine-root.ts'

export interface MsiDetails {
  readonly version: string
  /** The last digits of the product code. */
  readonly product: number
  /** Exit code 3010. */
  readonly needsReboot?: boolean
}

const guid = (number: number) => `6A8E1B1C-0000-4A6B-9C1A-${String(number).padStart(12, '0')}`
export const productCode = (number: number): string => `{${guid(number)}}`

/**
 * Builds a package "Demo" with wixl: a file, and the property PORT in the registry. Newer versions replace
 * older ones, and refuse to be replaced by them.
 */
export async function buildMsi(machine: WineMachine, { version, product, needsReboot = false }: MsiDetails) {
  const work = join(machine.folder, `msi-${version}-${product}`)
  await mkdir(work, { recursive: true })
  await writeFile(join(work, 'demo.txt'), `demo ${version}\n`)
  const source = `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${guid(product)}" Name="Demo" Language="1033" Version="${version}" Manufacturer="Test" UpgradeCode="${guid(900)}">
    <Package InstallerVersion="200" Compressed="yes" InstallScope="perMachine" Platform="x64" />
    <MajorUpgrade DowngradeErrorMessage="A newer version of Demo is already installed." />
    <Media Id="1" Cabinet="demo.cab" EmbedCab="yes" />
    <Property Id="PORT" Value="80" Secure="yes" />
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="Chandler Demo">
          <Component Id="Main" Guid="${guid(901)}" Win64="yes">
            <File Id="Demo" Source="${join(work, 'demo.txt')}" KeyPath="yes" />
            <RegistryValue Root="HKLM" Key="Software\\ChandlerDemo" Name="port" Type="string" Value="[PORT]" />
          </Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Main" /></Feature>
    ${needsReboot ? '<InstallExecuteSequence><ScheduleReboot After="InstallFinalize" /></InstallExecuteSequence>' : ''}
  </Product>
</Wix>
`
  await writeFile(join(work, 'demo.wxs'), source)
  const output = join(work, `demo-${version}.msi`)
  await machine.runLinux('wixl', '--arch', 'x64', '--output', output, join(work, 'demo.wxs'))
  return output
}
