import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { system32 } from './windows-folders.ts'

export interface RegistryEntry {
  /** Such as `HKEY_LOCAL_MACHINE\Software\…`. */
  readonly key: string
  readonly name: string
  readonly value: string
}

/** The text values that `reg query` prints, each below its key. */
export function parseRegistry(text: string): RegistryEntry[] {
  let key = ''
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith('HKEY_')) key = line.trim()
    const [, name, value] = /^ {4}(.*?) {4}REG_(?:EXPAND_)?SZ(?: {4}(.*))?$/.exec(line) ?? []
    return name === undefined ? [] : [{ key, name, value: value?.trim() ?? '' }]
  })
}

/**
 * Values of a key, of the 64-bit or the 32-bit view. Empty if the key or the value does not exist:
 * reg.exe says both with exit code 1.
 * @param args further arguments, such as `/v NAME` or `/s`
 */
export const queryRegistry = (key: string, view: 64 | 32, ...args: readonly string[]): Promise<RegistryEntry[]> =>
  new Promise((resolve, reject) => {
    const options = { windowsHide: true, maxBuffer: 64 * 1024 * 1024 }
    execFile(join(system32, 'reg.exe'), ['query', key, ...args, `/reg:${view}`], options, (error, stdout) => {
      if (error && error.code !== 1)
        return reject(new Error(`reg.exe failed for ${key}: ${error.message}`, { cause: error }))
      resolve(error ? [] : parseRegistry(stdout))
    })
  })
