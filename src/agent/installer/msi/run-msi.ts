import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MsiCommand, renderMsiArguments } from '../../../core/msi/msi-command.ts'
import { judgeMsiExit } from '../../../core/msi/msi-exit-code.ts'
import { findMsiCause } from '../../../core/msi/msi-log.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { MsiProduct } from '../../../lib/package-file/read-msi.ts'
import type { ResultFile } from '../package-script.ts'
import type { MsiRequest } from './msi-request.ts'

/** What the program uses of the machine; a test gives its own. */
export interface MsiSurroundings {
  /** Runs msiexec with these arguments as they are; resolves to its exit code, 32 bits, unsigned. */
  readonly msiexec: (args: string) => Promise<number>
  /** The version of an installed product; undefined if it is not installed. */
  readonly findVersion: (productCode: string) => Promise<string | undefined>
  /** @throws PackageFileError */
  readonly readProduct: (path: string) => Promise<MsiProduct>
  readonly clock: Pick<Clock, 'monotonicMs' | 'wait'>
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

/** As long as package managers of Linux are awaited. */
const busyPatienceMs = 600_000
const busyPauseMs = 5_000

/** Windows Installer: a reboot is needed. The agent treats it as that of a script. */
const rebootRequired = 3010

/**
 * Installs or removes a package of Windows Installer and records the state before and after, as the
 * scripts for the package managers of Linux do. Resolves to the exit code.
 */
export async function runMsi(request: MsiRequest, around: MsiSurroundings): Promise<number> {
  const record = (file: ResultFile, text: string) => writeFileSync(join(request.results, file), `${text}\n`)
  const { packagePath, packageFile, action } = request
  if (packagePath === undefined) {
    around.printError(
      `${packageFile} is no longer stored on the instance, so its product code is unknown; remove the product in "Apps & features", then uninstall again`,
    )
    return 1
  }
  const product = await around.readProduct(packagePath)
  const old = request.replaces === undefined ? undefined : await around.readProduct(request.replaces)
  const codes = [product.code, ...(old && old.code !== product.code ? [old.code] : [])]
  const list = async () => {
    const found = await Promise.all(codes.map(async (code) => ({ code, version: await around.findVersion(code) })))
    return found.flatMap(({ code, version }) => (version === undefined ? [] : [`ii ${code} ${version}`])).join('\n')
  }
  const isThere = async (code: string) => (await around.findVersion(code)) !== undefined
  record('target', action === 'install' ? `${product.code} ${product.version}` : product.code)
  record('before', await list())

  if (action === 'uninstall') {
    if (request.before !== undefined && wasThere(request.before, product.code)) {
      record('refused', `present ${product.name.replaceAll(/\s+/g, '-')}`)
      return 1
    }
    if (!(await isThere(product.code))) {
      around.print(`${product.name} is not installed`)
      record('after', await list())
      return 0
    }
    const code = await run({ action: 'uninstall', productCode: product.code }, request, around, record)
    record('after', await list())
    return code
  }

  const isPresent = await isThere(product.code)
  const { properties } = request
  let code = await run({ action: 'install', path: packagePath, isPresent, properties }, request, around, record)
  // Most packages remove the version that they replace themselves.
  if ((code === 0 || code === rebootRequired) && old && old.code !== product.code && (await isThere(old.code))) {
    around.print(`removing ${old.name} ${old.version}, which ${product.name} ${product.version} replaces`)
    const removed = await run({ action: 'uninstall', productCode: old.code }, request, around, record)
    if (removed !== 0) code = removed
  }
  record('after', await list())
  return code
}

const wasThere = (list: string, code: string) =>
  existsSync(list) &&
  readFileSync(list, 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`ii ${code} `))

async function run(
  command: MsiCommand,
  { log }: MsiRequest,
  { msiexec, clock, print, printError }: MsiSurroundings,
  record: (file: ResultFile, text: string) => void,
): Promise<number> {
  const args = renderMsiArguments(command, log)
  const startedAt = clock.monotonicMs()
  record('acting', '')
  for (let isAnnounced = false; ; isAnnounced = true) {
    const code = await msiexec(args)
    const verdict = judgeMsiExit(command.action, code)
    switch (verdict.kind) {
      case 'done':
        if (verdict.needsReboot) print('Windows Installer succeeded, and the machine has to be rebooted')
        return verdict.needsReboot ? rebootRequired : 0
      case 'nothing':
        print('the product is not installed')
        return 0
      case 'failed': {
        const cause = findMsiCause(readLog(log))
        printError(`Windows Installer ended with ${code}: ${verdict.meaning}${cause === '' ? '' : `. ${cause}`}`)
        return code
      }
      case 'busy':
        if (clock.monotonicMs() - startedAt >= busyPatienceMs) {
          printError(
            `Windows Installer ended with 1618: another installation has been in progress for ${busyPatienceMs / 60_000} minutes; try again when it has ended`,
          )
          return code
        }
        if (!isAnnounced) print('waiting for another installation, which is in progress')
        await clock.wait(busyPauseMs)
    }
  }
}

/** Windows writes UTF-16 with a byte order mark. */
export function decodeMsiLog(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes)
}

/** A verbose log of a large package has some MB. */
const maxLogBytes = 64 * 1024 * 1024

function readLog(path: string): string {
  try {
    const bytes = readFileSync(path)
    return bytes.length > maxLogBytes ? '' : decodeMsiLog(bytes)
  } catch (error) {
    // msiexec could not even begin.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
