import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectDirectory } from './compile-program.ts'

interface CarriedFile {
  readonly name: string
  readonly from: string
}

/** What the executable links, and the loader that starts it. */
const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2']
/** Of glibc in Debian: of the machine itself, or of the package libc6-ARCH-cross. */
const places = {
  x64: {
    loader: 'ld-linux-x86-64.so.2',
    folders: ['/lib/x86_64-linux-gnu', '/usr/x86_64-linux-gnu/lib'],
    licences: ['/usr/share/doc/libc6/copyright', '/usr/share/doc/libc6-amd64-cross/copyright'],
  },
  arm64: {
    loader: 'ld-linux-aarch64.so.1',
    folders: ['/lib/aarch64-linux-gnu', '/usr/aarch64-linux-gnu/lib'],
    licences: ['/usr/share/doc/libc6/copyright', '/usr/share/doc/libc6-arm64-cross/copyright'],
  },
} as const

/**
 * The C library that the agent brings for systems without glibc (Alpine), with its licence and the
 * script that starts the agent with it; undefined if this machine has none for the CPU. It is
 * dynamically linked and can be replaced, as the LGPL requires.
 */
export function carriedFiles(cpu: keyof typeof places): CarriedFile[] | undefined {
  const { loader, folders, licences } = places[cpu]
  const folder = folders.find((path) => [loader, ...libraries].every((name) => existsSync(join(path, name))))
  const licence = licences.find((path) => existsSync(path))
  if (folder === undefined || licence === undefined) return undefined
  return [
    ...[loader, ...libraries].map((name) => ({ name, from: join(folder, name) })),
    { name: 'LICENSE.glibc', from: licence },
    { name: 'chandler-agent', from: join(projectDirectory, 'packaging/agent-compiler/with-own-libc.sh') },
  ]
}
