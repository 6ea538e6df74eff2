/** `bin/chandler.mjs`: starts the command line, on any Node.js and for any user. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const run = promisify(execFile)
const project = fileURLToPath(new URL('../..', import.meta.url))
const program = join(project, 'bin/chandler.mjs')
const asRoot = process.getuid?.() === 0

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-program-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A Node.js of this machine that is older than the project's. */
async function findOldNode(): Promise<string | undefined> {
  for (const place of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']) {
    const node = join(place, 'node')
    if (!existsSync(node)) continue
    const { stdout } = await run(node, ['-p', 'process.versions.node'])
    if (Number(stdout.split('.')[0]) < 24) return node
  }
  return undefined
}

test("an older Node.js hands over to the project's own", async ({ skip }) => {
  const oldNode = await findOldNode()
  skip(oldNode === undefined, 'this machine has no Node.js below 24')
  const { stdout } = await run(oldNode ?? '', [program, '--version'])
  const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { version: string }
  expect(stdout.trim()).toBe(version)
})

test('without that Node.js the older one prints the fix', async ({ skip }) => {
  const oldNode = await findOldNode()
  skip(oldNode === undefined, 'this machine has no Node.js below 24')
  await cp(join(project, 'bin'), join(folder, 'bin'), { recursive: true })
  const failed = run(oldNode ?? '', [join(folder, 'bin/chandler.mjs'), '--version'])
  await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('run "npm ci"') })
})

test('the files that an older Node.js loads import nothing from Node.js that it could lack', async () => {
  // A static import of a missing name prevents the whole file from loading.
  const everywhere: Readonly<Record<string, readonly string[]>> = {
    'node:child_process': ['spawn'],
    'node:fs': ['existsSync', 'lstatSync', 'mkdirSync', 'readFileSync'],
    'node:os': ['homedir', 'userInfo'],
    'node:path': ['join'],
    'node:url': ['fileURLToPath'],
  }
  for (const name of ['chandler.mjs', 'compile-cache.mjs', 'end-with-parent.mjs']) {
    const text = await readFile(join(project, 'bin', name), 'utf8')
    for (const [, names = '', from = ''] of text.matchAll(/^import \{(.*)\} from '(node:\w+)'/gm)) {
      expect(everywhere[from]).toEqual(expect.arrayContaining(names.split(',').map((each) => each.trim())))
    }
  }
})

test.each(['--version', '-V'])('%s loads none of the command line, which takes time', async (option) => {
  // Only the starter is there.
  const place = await mkdtemp(join(folder, 'only-bin-'))
  await cp(join(project, 'bin'), join(place, 'bin'), { recursive: true })
  await cp(join(project, 'package.json'), join(place, 'package.json'))
  const { stdout } = await run(process.execPath, [join(place, 'bin/chandler.mjs'), option])
  const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { version: string }
  expect(stdout.trim()).toBe(version)
  await expect(run(process.execPath, [join(place, 'bin/chandler.mjs'), '--help'])).rejects.toThrow('src/cli/main.ts')
})

/** Without the compile cache of the test runner, which takes precedence over any other. */
const { NODE_COMPILE_CACHE: _, ...plainEnvironment } = process.env
const compileCache = JSON.stringify(join(project, 'bin/compile-cache.mjs'))
const shared = join(tmpdir(), 'node-compile-cache')

test('nothing is stored in, or read from, the shared temporary directory', async () => {
  const temporary = join(folder, 'tmp')
  await mkdir(temporary)
  await run(process.execPath, [program, '--help'], { env: { PATH: process.env['PATH'], TMPDIR: temporary } })
  expect(await readdir(temporary)).toEqual([])
  const { stdout } = await run(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import module from 'node:module'
     import { enableCompileCache } from ${compileCache}
     enableCompileCache()
     console.log(module.getCompileCacheDir() ?? 'none')`,
    ],
    { env: plainEnvironment },
  )
  expect(stdout).not.toContain(shared)
})

const other = 54_321
const cases: readonly [string, isSafe: boolean, prepare: (home: string) => Promise<unknown>][] = [
  ['a home directory of this user', true, async () => undefined],
  ['a home directory of another user', false, (home) => chown(home, other, other)],
  ['a home directory that others may write to', false, (home) => chmod(home, 0o777)],
  [
    'caches of another user, who could replace what is in them',
    false,
    async (home) => {
      await mkdir(join(home, '.cache'))
      await chown(join(home, '.cache'), other, other)
    },
  ],
  [
    'a folder that its group may write to',
    false,
    async (home) => {
      await mkdir(join(home, '.cache/chandler'), { recursive: true })
      await chmod(join(home, '.cache/chandler'), 0o775)
    },
  ],
  [
    'compiled code that others can list',
    false,
    async (home) => {
      await mkdir(join(home, '.cache/chandler/compile'), { recursive: true })
      await chmod(join(home, '.cache/chandler/compile'), 0o755)
    },
  ],
  [
    'a link to somewhere else',
    false,
    async (home) => {
      await mkdir(join(home, 'elsewhere'), { mode: 0o700 })
      await symlink(join(home, 'elsewhere'), join(home, '.cache'))
    },
  ],
  ['no home directory', false, (home) => rm(home, { recursive: true })],
]

test.for(cases)(
  'compiled code is kept only where nobody else can change it: %s',
  async ([, isSafe, prepare], { skip }) => {
    skip(!asRoot && String(prepare).includes('chown'), 'only root can give a folder away')
    const home = join(folder, 'home')
    await mkdir(home, { mode: 0o755 })
    await prepare(home)
    const script = `import module from 'node:module'
    import { enableCompileCache } from ${compileCache}
    enableCompileCache(process.argv[1])
    console.log(module.getCompileCacheDir() ?? 'none')`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, home], {
      env: plainEnvironment,
    })
    expect(stdout.trim()).toMatch(isSafe ? join(home, '.cache/chandler/compile') : /^none$/)
  },
)
