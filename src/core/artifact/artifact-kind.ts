import type { ArtifactKind } from '../extension/extension.ts'

const endings: readonly (readonly [string, ArtifactKind])[] = [
  ['.deb', 'deb'],
  ['.rpm', 'rpm'],
  ['.msi', 'msi'],
  ['.tar', 'tar'],
  ['.tar.gz', 'tar'],
  ['.tgz', 'tar'],
  ['.tar.xz', 'tar'],
  ['.zip', 'zip'],
]

/** Infers the kind from a file name; an unknown extension gives `file`. */
export function inferArtifactKind(fileName: string): ArtifactKind {
  const name = fileName.toLowerCase()
  return endings.find(([ending]) => name.endsWith(ending))?.[1] ?? 'file'
}
