import { renderParameterVariable } from '../extension/parameter-name.ts'

/**
 * Properties that decide what Windows Installer does. A parameter of that name would turn an
 * installation into something else.
 */
const reserved: ReadonlySet<string> = new Set([
  'ACTION',
  'EXECUTEACTION',
  'PATCH',
  'PRODUCTCODE',
  'PRODUCTVERSION',
  'REBOOT',
  'REBOOTPROMPT',
  'REINSTALL',
  'REINSTALLMODE',
  'REMOVE',
  'ROOTDRIVE',
  'UILEVEL',
  'UPGRADECODE',
])

/** The public property that a parameter sets: `listen-port` is LISTEN_PORT. */
export const renderMsiProperty = (parameter: string): string =>
  renderParameterVariable(parameter).slice('CHANDLER_PARAM_'.length).toUpperCase()

/** Why parameters cannot be properties of a package; undefined if they can. */
export function findMsiPropertyFault(parameters: readonly string[]): string | undefined {
  const names = new Map<string, string>()
  for (const parameter of parameters) {
    const property = renderMsiProperty(parameter)
    if (!/^[A-Z_]/.test(property))
      return `the parameter ${parameter} begins with a digit, which no property of an msi package does`
    if (reserved.has(property))
      return `the parameter ${parameter} would be the property ${property}, which decides what Windows Installer does`
    const other = names.get(property)
    if (other !== undefined) return `the parameters ${other} and ${parameter} would both be the property ${property}`
    names.set(property, parameter)
  }
  return undefined
}
