/**
 * Platform names that OOS and ECS display, and their os-release IDs. The first name of an ID is
 * used for output; all are accepted in any case. Sources: the platforms that ECS lists for its
 * images; ID of os-release(5) as each distribution ships it.
 */
const names: readonly (readonly [id: string, ...names: string[]])[] = [
  ['alinux', 'Alibaba Cloud Linux', 'Aliyun Linux', 'Aliyun'],
  ['almalinux', 'AlmaLinux'],
  ['amzn', 'Amazon Linux'],
  ['anolis', 'Anolis OS', 'Anolis'],
  ['arch', 'Arch Linux'],
  ['centos', 'CentOS', 'CentOS Stream'],
  ['coreos', 'CoreOS'],
  ['debian', 'Debian'],
  ['fedora', 'Fedora', 'Fedora CoreOS'],
  ['gentoo', 'Gentoo'],
  ['kylin', 'Kylin'],
  ['ol', 'Oracle Linux'],
  ['openeuler', 'openEuler'],
  ['opensuse-leap', 'OpenSUSE'],
  ['rhel', 'Red Hat Enterprise Linux', 'Red Hat'],
  ['rocky', 'Rocky Linux'],
  ['sles', 'SUSE Linux Enterprise Server', 'SUSE Linux', 'SUSE'],
  ['ubuntu', 'Ubuntu'],
  ['uos', 'UOS', 'UnionTech OS'],
  ['windows', 'Windows Server', 'Windows'],
]

const idsByName = new Map(names.flatMap(([id, ...all]) => all.map((name) => [name.toLowerCase(), id] as const)))
const namesById = new Map(names.map(([id, name]) => [id, name ?? id]))
/** `CentOS Stream 8` is not CentOS with version "Stream": longer names are tried first. */
const knownNames = [...idsByName.keys()].toSorted((a, b) => b.length - a.length)

/** An unknown name is treated as an os-release ID. */
export const platformIdOf = (name: string): string => idsByName.get(name.trim().toLowerCase()) ?? name.trim()

/** The display name of an os-release ID; the ID itself if there is none. */
export const platformNameOf = (id: string): string => namesById.get(id) ?? id

/**
 * Parses `CentOS 7.9 64bit` to platform and version; undefined without a recognisable version.
 * Other words (LTS, an edition, a language) are ignored: `Alibaba Cloud Linux 3.2104 LTS 64bit` is
 * 3.2104.
 */
export function parseOsVersion(text: string): { readonly id: string; readonly versions: string } | undefined {
  const subject = text.trim()
  const known = knownNames.find((name) => subject.toLowerCase().startsWith(name))
  const name = known === undefined ? (/^\S+/.exec(subject)?.[0] ?? '') : subject.slice(0, known.length)
  const rest = subject
    .slice(name.length)
    .split(/\s+/)
    .filter((word) => !/^(?:32|64)-?bit$/i.test(word))
  const versions = rest.find((word) => /^[0-9]+(?:\.(?:[0-9]+|\*))*$/.test(word))
  return name === '' || versions === undefined ? undefined : { id: platformIdOf(name), versions }
}

/** `parseOsVersion` parses the result if the version is a plain one or a prefix. */
export const renderOsVersion = (id: string, version: string): string => `${platformNameOf(id)} ${version} 64bit`
