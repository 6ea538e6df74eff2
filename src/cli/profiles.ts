import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileDurably } from '../lib/write-file-durably.ts'
import { UsageError } from './usage-error.ts'

/** How a server is verified. */
export interface SavedTrust {
  /** The pinned CA of the server, PEM. */
  readonly ca?: string
  /** Absolute path of a PEM file with CAs. */
  readonly caFile?: string
  /** Plain HTTP beyond loopback is accepted. */
  readonly insecureHttp?: true
}

/** A server, the access key for it, and how to verify it. */
export interface Profile extends SavedTrust {
  readonly server: string
  readonly accessKeyId: string
  readonly accessKeySecret: string
}

/** All profiles of the file, by name; empty if there is no file. */
export async function readProfiles(file: string): Promise<ReadonlyMap<string, Profile>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (!isRecord(value) || !Object.values(value).every(isProfile)) {
    throw new UsageError(`${file} is not a valid profile file`, 'Remove it and run `chandler login` again.')
  }
  return new Map(Object.entries(value as Record<string, Profile>))
}

/** Adds or replaces a profile; only the file's owner can read it. */
export async function saveProfile(file: string, name: string, profile: Profile): Promise<void> {
  const profiles = new Map(await readProfiles(file)).set(name, profile)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFileDurably(file, `${JSON.stringify(Object.fromEntries(profiles), null, 2)}\n`)
}

/** Removes a profile; the others are unchanged. */
export async function forgetProfile(file: string, name: string): Promise<void> {
  const profiles = new Map(await readProfiles(file))
  profiles.delete(name)
  await writeFileDurably(file, `${JSON.stringify(Object.fromEntries(profiles), null, 2)}\n`)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isProfile = (value: unknown) =>
  isRecord(value) &&
  ['server', 'accessKeyId', 'accessKeySecret'].every((key) => typeof value[key] === 'string') &&
  ['ca', 'caFile'].every((key) => value[key] === undefined || typeof value[key] === 'string') &&
  [undefined, true].includes(value['insecureHttp'] as true | undefined)
