/**
 * The architecture as in facts: aarch64 becomes arm64, amd64 and x64 become x86_64; `any` means
 * all. Any case.
 */
export function normalizeArch(arch: string): string {
  const word = arch.toLowerCase()
  return archAliases.get(word) ?? word
}
const archAliases = new Map([
  ['aarch64', 'arm64'],
  ['amd64', 'x86_64'],
  ['x64', 'x86_64'],
  ['x86-64', 'x86_64'],
])
