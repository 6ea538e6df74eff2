import { normalizeArch } from '../instance/arch.ts'

/** Values of Debian, Red Hat and Windows: a 32-bit Windows package runs everywhere. */
const anyArchitecture = new Set(['all', 'noarch', 'Intel', ''])
/** Architectures that also run on 64-bit systems that support them. */
const runsOn64Bits = new Set(['i386', 'i486', 'i586', 'i686', 'armhf', 'armel', 'armv7hl'])

/**
 * Converts a package's architecture to that of configurations: `x86_64`, `arm64`, `any`, or
 * unchanged.
 */
export const readPackageArch = (architecture: string) =>
  anyArchitecture.has(architecture) ? 'any' : normalizeArch(architecture)

/** Why a configuration for `arch` cannot install a package; undefined if it can. */
export function findArchMismatch(architecture: string, arch: string): string | undefined {
  const own = readPackageArch(architecture)
  if (own === 'any' || own === normalizeArch(arch) || runsOn64Bits.has(architecture)) return undefined
  return arch === 'any'
    ? `the package is for ${architecture} only, but the configuration is for any architecture; write arch: ${own}`
    : `the package is for ${architecture}, but the configuration is for ${arch}`
}
