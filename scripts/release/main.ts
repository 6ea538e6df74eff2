// Builds a release in dist/release: `npm run release`. The same commit gives the same bytes.
//   --platform linux-x64   only this platform (repeatable)
//   --only deb             only these artifacts: npm, archive, deb, rpm (repeatable)
//   --output DIR           instead of dist/release
//   --fast                 compress quickly, for tests
// SOURCE_DATE_EPOCH: the time of all files; without it, that of the commit.
// CHANDLER_RELEASE_KEY: file of a private SSH key that signs SHA256SUMS.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildArchive } from './archive.ts'
import { writeChecksums } from './checksums.ts'
import { compileAgent } from './compile-agent.ts'
import { compileProgram, projectDirectory } from './compile-program.ts'
import { buildDebianPackage } from './debian-package.ts'
import { buildPlatformTree } from './platform-tree.ts'
import { type PlatformName, releasePlatforms } from './platforms.ts'
import { buildRpmPackage } from './rpm-package.ts'
import { runTool } from './run-tool.ts'
import { writeSbom } from './sbom.ts'
import { settleTree } from './settle-tree.ts'
import { makeWindowsPrograms } from './windows-programs.ts'

const artifacts = ['npm', 'archive', 'deb', 'rpm'] as const

const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: Object.keys(releasePlatforms) },
    only: { type: 'string', multiple: true, default: [...artifacts] },
    output: { type: 'string', default: join(projectDirectory, 'dist/release') },
    fast: { type: 'boolean', default: false },
  },
})
for (const name of values.platform) if (!(name in releasePlatforms)) fail(`unknown platform ${name}`)
for (const name of values.only) if (!(artifacts as readonly string[]).includes(name)) fail(`unknown artifact ${name}`)
const isWanted = (name: (typeof artifacts)[number]) => values.only.includes(name)

/** Programs of the machine that an artifact needs. */
const tools: readonly (readonly [(typeof artifacts)[number], string, string])[] = [
  ['deb', 'dpkg-deb', 'apt install dpkg'],
  ['rpm', 'rpmbuild', 'apt install rpm'],
]
for (const [name, program, remedy] of tools) {
  if (!isWanted(name)) continue
  try {
    runTool(program, ['--version'])
  } catch (error) {
    fail(`${(error as Error).message}: run "${remedy}", or choose other artifacts with --only.`)
  }
}

const epoch = readEpoch()
const outputDirectory = resolve(values.output)
rmSync(outputDirectory, { recursive: true, force: true })
mkdirSync(outputDirectory, { recursive: true })
// Beside the output, so that trees can be linked instead of copied.
const workDirectory = mkdtempSync(join(outputDirectory, '../release-draft-'))
try {
  await build()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(workDirectory, { recursive: true, force: true })
}

async function build(): Promise<void> {
  const npmPackage = join(workDirectory, 'package')
  const version = await compileProgram(npmPackage)
  settleTree(npmPackage, epoch)
  const names = [writeSbom(npmPackage, outputDirectory, version, epoch)]
  if (isWanted('npm')) {
    runTool('npm', ['pack', '--ignore-scripts', `--pack-destination=${outputDirectory}`], { cwd: npmPackage })
    names.push(`chandler-${version}.tgz`)
  }
  const hasPackages = ['archive', 'deb', 'rpm'].some((name) => values.only.includes(name))
  const agentExecutables = join(workDirectory, 'agent')
  // For all: a server provides agents for machines of other architectures, too.
  if (hasPackages) {
    const obstacles = compileAgent(agentExecutables, Object.keys(releasePlatforms) as PlatformName[])
    if (obstacles.length > 0) throw new Error(obstacles.join('\n'))
    makeWindowsPrograms(agentExecutables)
  }
  for (const platform of values.platform as PlatformName[]) {
    if (!hasPackages) break
    const tree = join(workDirectory, platform)
    await buildPlatformTree(npmPackage, agentExecutables, tree, platform)
    const options = {
      projectDirectory,
      platform,
      version,
      tree,
      workDirectory,
      outputDirectory,
      epoch,
      isFast: values.fast,
    }
    if (isWanted('archive')) names.push(await buildArchive(options))
    if (isWanted('deb')) names.push(buildDebianPackage(options))
    if (isWanted('rpm')) names.push(buildRpmPackage(options))
    rmSync(tree, { recursive: true })
  }
  for (const name of ['Containerfile', 'compose.yaml']) {
    const text = readFileSync(join(projectDirectory, 'packaging', name), 'utf8')
    writeFileSync(join(outputDirectory, name), text.replaceAll('@VERSION@', version))
    names.push(name)
  }
  const key = process.env.CHANDLER_RELEASE_KEY?.trim() || undefined
  await writeChecksums(outputDirectory, names, key)
  for (const name of names) console.log(name)
  console.log(
    key === undefined
      ? 'NOT SIGNED: set CHANDLER_RELEASE_KEY to the file of a private SSH key to sign SHA256SUMS.'
      : 'SHA256SUMS is signed (SHA256SUMS.sig).',
  )
}

function readEpoch(): number {
  const given =
    process.env.SOURCE_DATE_EPOCH ?? runTool('git', ['log', '-1', '--format=%ct'], { cwd: projectDirectory })
  const seconds = Number(given.trim())
  return Number.isInteger(seconds) && seconds > 0 ? seconds : fail(`SOURCE_DATE_EPOCH is not a time: ${given}`)
}

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
