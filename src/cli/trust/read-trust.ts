import type { WrittenTrustFile } from '../../core/trust/change-keys.ts'
import { parseSshPublicKey } from '../../lib/ssh-signature.ts'
import { parseTrustFile, TrustFileInvalid } from '../../protocol/trust-file.ts'
import { UsageError } from '../usage-error.ts'

/** Reads a trust file. @param name for the error @throws UsageError */
export function readTrust(name: string, content: string) {
  try {
    return parseTrustFile(content, (line) => parseSshPublicKey(line).text)
  } catch (error) {
    if (error instanceof TrustFileInvalid) throw new UsageError(`${name} is not a trust file: ${error.message}`)
    throw error
  }
}

/** The same as it is written, with the comments of its keys. @throws UsageError */
export function readWrittenTrust(name: string, content: string): WrittenTrustFile {
  readTrust(name, content)
  return JSON.parse(content) as WrittenTrustFile
}
