import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCarriedFiles } from './carried-libraries.ts'
import { projectDirectory } from './compile-program.ts'
import { type PlatformName, releasePlatforms } from './platforms.ts'
import { runTool } from './run-tool.ts'

/** The packages of the compiler, by the CPU that npm names. The baseline needs no AVX. */
const compilers = { x64: '@oven/bun-linux-x64-baseline', arm64: '@oven/bun-linux-aarch64' } as const

/**
 * Compiles the agent to one executable for each platform: `target/linux-ARCH/chandler-agent`, and
 * `target/VERSION`. npm verifies the compiler against the lock file in packaging/agent-compiler.
 * @param platforms also of other CPUs than this machine's
 * @returns for each executable without a C library of its own, the reason
 */
export function compileAgent(target: string, platforms: readonly PlatformName[]): string[] {
  const { version } = JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')) as { version: string }
  const work = mkdtempSync(join(tmpdir(), 'chandler-compile-agent-'))
  const obstacles: string[] = []
  try {
    rmSync(target, { recursive: true, force: true })
    const own = process.arch as keyof typeof compilers
    if (compilers[own] === undefined) throw new Error(`the compiler does not run on ${process.arch}`)
    const compiler = installCompiler(work, own)
    for (const platform of platforms) {
      const { npmCpu, agentArch } = releasePlatforms[platform]
      const folder = join(target, `linux-${agentArch}`)
      mkdirSync(folder, { recursive: true })
      const runtime = npmCpu === own ? compiler : installCompiler(work, npmCpu)
      runTool(
        compiler,
        [
          'build',
          '--compile',
          '--minify',
          `--target=bun-linux-${npmCpu}`,
          `--compile-executable-path=${runtime}`,
          `--define=chandlerExecutableVersion=${JSON.stringify(version)}`,
          // Otherwise it would read settings of the folder that it is started in.
          '--no-compile-autoload-dotenv',
          '--no-compile-autoload-bunfig',
          `--outfile=${join(folder, 'chandler-agent')}`,
          join(projectDirectory, 'bin/chandler-agent-executable.mjs'),
        ],
        { cwd: work },
      )
      const carried = findCarriedFiles(npmCpu, work)
      if ('obstacle' in carried) {
        obstacles.push(`the agent for ${agentArch} runs only with glibc: ${carried.obstacle}`)
        continue
      }
      mkdirSync(join(folder, 'lib'))
      for (const { name, from } of carried) cpSync(from, join(folder, 'lib', name), { dereference: true })
    }
    writeFileSync(join(target, 'VERSION'), `${version}\n`)
    return obstacles
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Installs the compiler for a CPU, and returns its path. */
export function installCompiler(work: string, cpu: keyof typeof compilers): string {
  const folder = join(work, cpu)
  cpSync(join(projectDirectory, 'packaging/agent-compiler'), folder, { recursive: true })
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  runTool('npm', ['ci', '--os=linux', `--cpu=${cpu}`, '--libc=glibc', ...options], { cwd: folder })
  return join(folder, 'node_modules', compilers[cpu], 'bin/bun')
}
