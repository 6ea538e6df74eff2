import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Of } from '../../src/lib/digest.ts'
import { runTool } from './run-tool.ts'

interface Bom {
  serialNumber: string
  readonly metadata: { timestamp: string; readonly tools?: unknown }
  readonly components: readonly unknown[]
}

/**
 * Writes the software bill of materials of the npm package (CycloneDX, JSON) and returns its file
 * name. Its time and serial number are derived, so that equal releases have equal ones.
 * @param npmPackage the folder with the lock file
 */
export function writeSbom(npmPackage: string, outputDirectory: string, version: string, epoch: number): string {
  const bom = JSON.parse(
    runTool('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'], { cwd: npmPackage }),
  ) as Bom
  bom.metadata.timestamp = new Date(epoch * 1000).toISOString()
  const hex = sha256Of(JSON.stringify(bom.components))
  bom.serialNumber = `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  const name = `chandler-${version}.cdx.json`
  writeFileSync(join(outputDirectory, name), `${JSON.stringify(bom, null, 2)}\n`)
  return name
}
