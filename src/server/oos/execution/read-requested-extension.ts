import { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import type { RequestedExtension } from '../../../core/execution/operation.ts'
import type {
  Action,
  ParameterDeclarations,
  ParameterValue,
  ParameterValues,
} from '../../../core/extension/extension.ts'
import { coerceParameter, maskedValue, maskParameters } from '../../../core/extension/parameter.ts'
import { getVersion, getWantedVersion } from '../../app/extension/list-versions.ts'
import type { OosCall } from '../operation.ts'

/** A package as named in templates and operations. */
export interface RequestedPackage {
  readonly packageName: string
  readonly packageVersion?: string | null | undefined
  readonly parameters?: unknown
}

/**
 * An uninstall removes each instance's installed version with its installed values. Some clients
 * always send a version and values: the version must exist, and both are then ignored.
 * @param place the name of the values in the request
 */
export async function readRequestedExtension(
  call: OosCall,
  action: Action,
  values: RequestedPackage,
  place: string,
): Promise<{ readonly requested: RequestedExtension; readonly parameters: ParameterValues }> {
  const { context, actor } = call
  const extension = values.packageName
  const version = values.packageVersion || undefined
  const given = readObject(values.parameters ?? {}, place)
  if (action === 'uninstall') {
    if (version !== undefined) await getVersion(context, actor, extension, version)
    const parameters = Object.fromEntries(Object.keys(given).map((name) => [name, maskedValue]))
    return { requested: { extension, parameters: {} }, parameters }
  }
  const wanted = await getWantedVersion(context, actor, extension, version)
  const parameters = readValues(wanted.parameters, given, place)
  return { requested: { extension, version, parameters }, parameters: maskParameters(wanted.parameters, parameters) }
}

function readObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value)
  if (parsed.success) return parsed.data
  throw chandlerError('RequestParameterInvalid', { name: place, reason: 'must be a JSON object' })
}

/**
 * Numbers and booleans may arrive as text, and texts as the value that they parse to. Undeclared
 * values are kept, and the plan refuses them.
 */
function readValues(
  declarations: ParameterDeclarations,
  given: Readonly<Record<string, unknown>>,
  place: string,
): ParameterValues {
  const values: [string, ParameterValue][] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue
    const field = `${place}.${name}`
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw chandlerError('RequestParameterInvalid', { name: field, reason: 'must be a text, a number or a truth' })
    const read = coerceParameter(declarations[name], String(value))
    if ('problem' in read) throw chandlerError('RequestParameterInvalid', { name: field, reason: read.problem })
    values.push([name, read.value])
  }
  return Object.fromEntries(values)
}
