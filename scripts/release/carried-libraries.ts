import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectDirectory } from './compile-program.ts'
import { unpackDebianPackages } from './debian-packages.ts'

interface CarriedFile {
  readonly name: string
  readonly from: string
}

/** What the executable links, and the loader that starts it. */
const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2']
/** Where Debian has glibc: of the machine itself, or of a package with that of another CPU. */
const places = {
  x64: {
    loader: 'ld-linux-x86-64.so.2',
    own: '/lib/x86_64-linux-gnu',
    cross: { name: 'libc6-amd64-cross', folder: 'usr/x86_64-linux-gnu/lib' },
  },
  arm64: {
    loader: 'ld-linux-aarch64.so.1',
    own: '/lib/aarch64-linux-gnu',
    cross: { name: 'libc6-arm64-cross', folder: 'usr/aarch64-linux-gnu/lib' },
  },
} as const

/**
 * The C library that the agent brings for systems without glibc (Alpine), with its licence and the
 * script that starts the agent with it. It is dynamically linked and can be replaced, as the LGPL
 * requires. On Debian, one that is not installed is downloaded from its package, which apt verifies.
 * @param work a folder for the download
 * @returns the reason if this machine has none for the CPU
 */
export function findCarriedFiles(
  cpu: keyof typeof places,
  work: string,
): CarriedFile[] | { readonly obstacle: string } {
  const { loader, own, cross } = places[cpu]
  const hasAll = (folder: string) => [loader, ...libraries].every((name) => existsSync(join(folder, name)))
  const licenceIn = (root: string, name: string) => join(root, 'usr/share/doc', name, 'copyright')
  const found = (folder: string, licence: string): CarriedFile[] => [
    ...[loader, ...libraries].map((name) => ({ name, from: join(folder, name) })),
    { name: 'LICENSE.glibc', from: licence },
    { name: 'chandler-agent', from: join(projectDirectory, 'packaging/agent-compiler/with-own-libc.sh') },
  ]
  const ownLicence = licenceIn('/', 'libc6')
  if (hasAll(own) && existsSync(ownLicence)) return found(own, ownLicence)
  let root = '/'
  if (!hasAll(join('/', cross.folder))) {
    root = join(work, cross.name)
    try {
      unpackDebianPackages([cross.name], root)
    } catch (error) {
      return { obstacle: `install the package ${cross.name} (Debian, Ubuntu): ${(error as Error).message}` }
    }
  }
  return found(join(root, cross.folder), licenceIn(root, cross.name))
}
