import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestFile } from '../../src/lib/digest.ts'
import { runTool } from './run-tool.ts'

/** Namespace of the signature: a signature for another purpose does not verify. */
const namespace = 'chandler-release'

/**
 * Writes SHA256SUMS, and with a private SSH key SHA256SUMS.sig.
 * @param key file of the private key; absent: the release is not signed
 */
export async function writeChecksums(outputDirectory: string, names: readonly string[], key?: string): Promise<void> {
  const lines: string[] = []
  for (const name of names.toSorted())
    lines.push(`${(await digestFile(join(outputDirectory, name))).sha256}  ${name}\n`)
  const file = join(outputDirectory, 'SHA256SUMS')
  writeFileSync(file, lines.join(''))
  if (key !== undefined) runTool('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', namespace, file])
}
