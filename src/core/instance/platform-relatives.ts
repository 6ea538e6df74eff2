import type { Facts } from './facts.ts'

/** Prefix of a platform id that names a distribution and all that derive from it: `like:rhel`. */
const likePrefix = 'like:'

/**
 * The distribution of `like:NAME` in lower case; undefined for the id of a single platform.
 */
export function parseLikePlatform(id: string): string | undefined {
  const text = id.trim().toLowerCase()
  return text.startsWith(likePrefix) ? text.slice(likePrefix.length) : undefined
}

/**
 * The platform itself and the distributions that it derives from, closest first, in lower case:
 * `rocky`, `rhel`, `centos`, `fedora`. The instance's own ID_LIKE comes first; the table adds what
 * the distribution's os-release lacks.
 */
export function listPlatformRelatives({ id, idLike = [] }: Pick<Facts['os'], 'id' | 'idLike'>): readonly string[] {
  const own = id.toLowerCase()
  const known = relatives.get(own) ?? []
  return [...new Set([own, ...idLike.map((name) => name.toLowerCase()), ...known])].filter((name) => name !== '')
}

/**
 * Relatives by os-release ID, closest first. Oracle Linux names only `fedora`, or nothing;
 * openEuler, Anolis OS 23 and SUSE Linux Enterprise Server for SAP name none. The other entries are
 * for agents that do not report ID_LIKE. openEuler and Anolis OS 23 are not derived from Fedora;
 * they count as like it because they use its package manager and layout.
 */
const relatives = new Map<string, readonly string[]>([
  ['almalinux', ['rhel', 'centos', 'fedora']],
  ['alinux', ['anolis', 'fedora']],
  ['amzn', ['fedora']],
  ['anolis', ['fedora']],
  ['centos', ['rhel', 'fedora']],
  ['linuxmint', ['ubuntu', 'debian']],
  ['ol', ['rhel', 'fedora']],
  ['openeuler', ['fedora']],
  ['opensuse-leap', ['suse', 'opensuse']],
  ['opensuse-tumbleweed', ['opensuse', 'suse']],
  ['raspbian', ['debian']],
  ['rhel', ['fedora']],
  ['rocky', ['rhel', 'centos', 'fedora']],
  ['sle-micro', ['suse']],
  ['sled', ['suse']],
  ['sles', ['suse']],
  ['sles_sap', ['sles', 'suse']],
  ['ubuntu', ['debian']],
])
