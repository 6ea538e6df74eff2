import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { systemClock } from '../../../lib/clock.ts'
import { PackageFileError } from '../../../lib/package-file/package-bytes.ts'
import { type MsiProduct, readMsiProduct } from '../../../lib/package-file/read-msi.ts'
import { findWindowsPackageVersion } from '../../platform/windows/installed-products.ts'
import { msiexecPath } from '../../platform/windows/windows-folders.ts'
import type { MsiRequest } from './msi-request.ts'
import { runMsi } from './run-msi.ts'

/**
 * `chandler-agent msi FILE`: runs Windows Installer under supervision, like a script. Gives the exit
 * code.
 */
export async function runMsiProgram([path = '']: readonly string[]): Promise<number> {
  const request = JSON.parse(readFileSync(path, 'utf8')) as MsiRequest
  const printError = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    return await runMsi(request, {
      msiexec,
      findVersion: findWindowsPackageVersion,
      readProduct: readMsiFile,
      clock: systemClock,
      print: (line) => process.stdout.write(`${line}\n`),
      printError,
    })
  } catch (error) {
    if (!(error instanceof PackageFileError || error instanceof RangeError)) throw error
    printError(`${request.packageFile} cannot be installed: ${error.message}`)
    return 1
  }
}

const msiexec = (args: string) =>
  new Promise<number>((resolve, reject) => {
    const child = spawn(msiexecPath, [args], { stdio: 'inherit', windowsHide: true, windowsVerbatimArguments: true })
    child.once('error', reject)
    child.once('exit', (code) => resolve((code ?? 1) >>> 0))
  })

/** @throws PackageFileError */
export async function readMsiFile(path: string): Promise<MsiProduct> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return await readMsiProduct({
      sizeBytes: size,
      async read(start, lengthBytes) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, start)
        return buffer.subarray(0, bytesRead)
      },
    })
  } finally {
    await file.close()
  }
}
