import type { ExtensionView } from '../../../../src/protocol/api/extensions.ts'

/** Extensions whose name, description, type or tags contain all words, ignoring case. */
export function findExtensions(extensions: readonly ExtensionView[], text: string): ExtensionView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return extensions.filter(({ name, description, type, tags, resourceGroup }) => {
    const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
    const all = [name, description, type, resourceGroup, ...pairs].join(' ').toLowerCase()
    return words.every((word) => all.includes(word))
  })
}

export const countInstalled = ({ installedOn }: Pick<ExtensionView, 'installedOn'>): number =>
  Object.values(installedOn).reduce((sum, count) => sum + count, 0)

type Comparator = (one: ExtensionView, other: ExtensionView) => number

/** Sort keys; they are part of addresses. */
export const comparators: Readonly<Record<string, Comparator>> = {
  name: (one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }),
  type: (one, other) => one.type.localeCompare(other.type),
  installed: (one, other) => countInstalled(one) - countInstalled(other),
  updated: (one, other) => one.updatedAt.localeCompare(other.updatedAt),
}
