import { readFile, stat } from 'node:fs/promises'
import type { Client } from '../client/client.ts'
import { itemsOf } from '../client/pages.ts'
import type { ParameterDeclarations, ParameterValue } from '../core/extension/extension.ts'
import { coerceParameter } from '../core/extension/parameter.ts'
import { maxParameterValueBytes } from '../core/limits.ts'
import { parsePair } from './parse-option.ts'
import { UsageError } from './usage-error.ts'

/**
 * Values of `--param name=value`, converted to the type that the version declares. `name=@FILE`
 * reads the value from a file (without its final line end), so that a secret appears neither in the
 * process list nor in the shell's history; `name=@@x` is the text `@x`.
 * @throws UsageError that lists every invalid value
 */
export async function readParameters(
  client: Client,
  extension: string,
  version: string | undefined,
  pairs: readonly string[],
): Promise<Record<string, ParameterValue>> {
  if (pairs.length === 0) return {}
  const texts = await readTexts(pairs)
  const declarations = await findDeclarations(client, extension, version)
  const values = new Map<string, ParameterValue>()
  const problems: string[] = []
  for (const [name, text] of texts) {
    // Undeclared parameters are sent as text: the server knows the action and reports all invalid
    // parameters at once.
    const coerced = coerceParameter(Object.hasOwn(declarations, name) ? declarations[name] : undefined, text)
    if ('problem' in coerced) problems.push(`parameter ${name} ${coerced.problem}`)
    else values.set(name, coerced.value)
  }
  if (problems.length > 0) throw new UsageError(problems.join('; '))
  return Object.fromEntries(values)
}

/** The same for values without declarations. */
export async function readTexts(pairs: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const texts = await Promise.all(pairs.map(async (pair) => await readText(parsePair(pair, 'parameter'))))
  const names = texts.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new UsageError(`parameter ${twice} is set twice`)
  return texts
}

async function findDeclarations(
  client: Client,
  extension: string,
  version: string | undefined,
): Promise<ParameterDeclarations> {
  if (version !== undefined)
    return (await client.extensions.getVersion(extension, version)).parameters as ParameterDeclarations
  const { latestVersion } = await client.extensions.get(extension)
  const latest = await client.extensions.getVersion(extension, latestVersion)
  if (!latest.deprecated) return latest.parameters as ParameterDeclarations
  let newest: typeof latest | undefined
  for await (const candidate of itemsOf((page) => client.extensions.listVersions(extension, page))) {
    if (!candidate.deprecated && numberOf(candidate.version) > numberOf(newest?.version ?? 'v0')) newest = candidate
  }
  return (newest ?? latest).parameters as ParameterDeclarations
}

const numberOf = (version: string) => Number(version.slice(1))

async function readText([name, value]: [string, string]): Promise<[string, string]> {
  if (value.startsWith('@@')) return [name, value.slice(1)]
  if (!value.startsWith('@')) return [name, value]
  const path = value.slice(1)
  try {
    const { size } = await stat(path)
    if (size > maxParameterValueBytes) {
      throw new UsageError(
        `parameter ${name}: ${path} has ${size} bytes; the limit for a value is ${maxParameterValueBytes}`,
      )
    }
    return [name, (await readFile(path, 'utf8')).replace(/\r?\n$/, '')]
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`parameter ${name}: ${path} cannot be read: ${(error as Error).message}`)
  }
}
