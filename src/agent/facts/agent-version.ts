import { readFileSync } from 'node:fs'
import { executableVersion } from '../platform/executable.ts'

/** Version of the package that contains this agent. */
export const readAgentVersion = (): string =>
  executableVersion ??
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
