import { normalizeArch } from '../plan/configuration.ts'

/** Of Debian, of Red Hat, and of Windows: a package for 32 bits goes everywhere. */
const anyArchitecture = new Set(['all', 'noarch', 'Intel', ''])
/** What also runs on 64 bits, where the system allows it. */
const runsOn64Bits = new Set(['i386', 'i486', 'i586', 'i686', 'armhf', 'armel', 'armv7hl'])

/** An architecture as a package says it, in the words of configurations: `x86_64`, `arm64`, `any`, or as it is. */
export const readPackageArch = (architecture: string) =>
  anyArchitecture.has(architecture) ? 'any' : normalizeArch(architecture)

/** Why a package cannot be what a configuration for `arch` installs; undefined if it can. */
export function findArchMismatch(architecture: string, arch: string): string | undefined {
  const own = readPackageArch(architecture)
  if (own === 'any' || own === normalizeArch(arch) || runsOn64Bits.has(architecture)) return undefined
  return arch === 'any'
    ? `the package is for ${architecture} only, but the configuration is for any architecture; write arch: ${own}`
    : `the package is for ${architecture}, but the configuration is for ${arch}`
}
