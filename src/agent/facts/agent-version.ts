import { readFileSync } from 'node:fs'

/** The version of the package this agent is part of. */
export const readAgentVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
