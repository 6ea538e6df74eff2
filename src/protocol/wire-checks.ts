import { validateObjectKey } from '../core/artifact/artifact-object.ts'
import { isOsPackageName } from '../core/execution/operation.ts'
import { isAgentProgram } from '../core/instance/agent-program.ts'

const maxTags = 32

/**
 * The conditions of messages that are functions. They have names, because the shapes that agents
 * read messages with (agent-shapes.ts) are generated from the schemas, and cannot contain functions.
 */
export const wireChecks = {
  isOsPackageName,
  isAgentProgram,
  isObjectKey: (key: string) => validateObjectKey(key) === undefined,
  /** A plain file name, because it is joined to a folder on the instance. */
  isFileName: (name: string) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..',
  hasFewKeys: (tags: Readonly<Record<string, string>>) => Object.keys(tags).length <= maxTags,
  isRange: ([from, to]: readonly [number, number]) => from <= to,
} as const

export type WireCheck = keyof typeof wireChecks
