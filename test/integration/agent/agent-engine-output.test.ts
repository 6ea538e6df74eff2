// The output of a script, also through device names, and the part of it that belongs to the script.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { endAfterTest, isRoot, makeFolder, makeInstall, readPid, TestEngine } from './agent-engine.ts'

/** Every way to name a stream; the lines come in this order. */
const byName = `#!/bin/bash
echo 1 >&2
echo 2 > /dev/stderr
echo 3 >> /dev/stderr
echo 4 | tee /dev/stderr > /dev/null
echo 5 > /proc/self/fd/2
echo 6 | dd of=/dev/stderr status=none
echo 7 >&2
echo a
echo b > /dev/stdout
echo c > /proc/self/fd/1
echo d > /dev/fd/1
/bin/sh -c 'echo e > /dev/stdout'
printf 'f\\n' | cat > /dev/stdout
echo g`

test.each(isRoot ? [undefined, 'daemon'] : [undefined])(
  'a script may open its streams by name: every line arrives, in order (runAs %s)',
  async (runAs) => {
    const engine = await TestEngine.start()
    await chmod(engine.directory, 0o711)
    const { invocationId, outcome } = await engine.carryOut(
      makeInstall({ scripts: { install: byName }, ...(runAs === undefined ? {} : { run: { runAs } }) }),
    )
    expect(engine.output(invocationId, 'stderr').toString()).toBe('1\n2\n3\n4\n5\n6\n7\n')
    expect(engine.output(invocationId).toString()).toBe('a\nb\nc\nd\ne\nf\ng\n')
    expect(outcome).toMatchObject({ state: 'succeeded' })
  },
)

test('also if a script of root switches to another user', async ({ skip }) => {
  skip(!isRoot, 'only root becomes another user')
  const engine = await TestEngine.start()
  const script =
    'echo 1 >&2; setpriv --reuid=1 --regid=1 --clear-groups -- /bin/sh -c "echo 2 > /dev/stderr"; echo 3 >&2'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId, 'stderr').toString()).toBe('1\n2\n3\n')
})

test('megabytes through both pipes arrive completely', async () => {
  const engine = await TestEngine.start()
  const script = 'head -c 3000000 /dev/zero | tr "\\0" x; head -c 2000000 /dev/zero | tr "\\0" y > /dev/stderr'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId).equals(Buffer.alloc(3_000_000, 'x'))).toBe(true)
  expect(engine.output(invocationId, 'stderr').equals(Buffer.alloc(2_000_000, 'y'))).toBe(true)
})

test("a daemon that holds the streams and keeps printing delays nothing: the script's output is complete, and has no mark", async () => {
  const engine = await TestEngine.start()
  const script = `sh -c 'echo $$ > ${join(engine.directory, 'daemon')}; while :; do echo noise; done' &
for i in $(seq 2000); do echo line $i; done >&2
echo last >&2`
  const { invocationId, outcome } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  endAfterTest(await readPid(join(engine.directory, 'daemon')))
  expect(outcome).toMatchObject({ state: 'succeeded' })
  const lines = engine.output(invocationId, 'stderr').toString().split('\n')
  expect(lines).toHaveLength(2_002)
  expect(lines.slice(-3)).toEqual(['line 2000', 'last', ''])
  expect(engine.output(invocationId).toString().replaceAll('noise\n', '')).not.toContain('end-')
})

test('a script that signals its whole group does not lose later output', async () => {
  const engine = await TestEngine.start()
  const script = 'trap "echo bye" TERM; echo hi; kill 0; wait; echo after'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId).toString()).toBe('hi\nbye\nafter\n')
})

/**
 * Children of the agent, as a script sees them, beside its own supervisor: each one costs the agent
 * more than the script costs the system.
 */
const countStarted = `parent=$(cut -d' ' -f4 /proc/$PPID/stat)
for stat in /proc/[0-9]*/stat; do
  grep -qs " [A-Z] $parent " "$stat" || continue
  grep -qs chandler- "\${stat%stat}cmdline" && echo started
done`

test('the agent starts one process per script, and one more for the pipes of eight scripts', async () => {
  const programs = await makeFolder()
  const mkfifo = join(programs, 'mkfifo')
  await writeFile(mkfifo, `#!/bin/sh\necho call >> ${programs}/calls\nexec /usr/bin/mkfifo "$@"\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${programs}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const engine = await TestEngine.start()
  for (let index = 0; index < 8; index++) {
    const { invocationId, outcome } = await engine.carryOut(
      makeInstall({ scripts: { install: countStarted } }, { extensionId: `ext-${index}` }),
    )
    expect(outcome).toMatchObject({ state: 'succeeded' })
    expect(engine.output(invocationId).toString()).toBe('started\n')
  }
  expect(await readFile(join(programs, 'calls'), 'utf8')).toBe('call\n')
})

test('pipes that were removed under the agent are created again', async () => {
  const engine = await TestEngine.start()
  for (let index = 0; index < 3; index++) {
    const { invocationId, outcome } = await engine.carryOut(
      makeInstall({ scripts: { install: 'echo hi > /dev/stderr' } }, { extensionId: `ext-${index}` }),
    )
    expect(outcome).toMatchObject({ state: 'succeeded' })
    expect(engine.output(invocationId, 'stderr').toString()).toBe('hi\n')
    await rm(join(engine.directory, 'pipes'), { recursive: true })
  }
})

test("the carriers of a script's output are neither killed with it nor waited for: its last output is there", async () => {
  const engine = await TestEngine.start({ killGraceMs: 600_000 })
  const script = `trap 'i=0; while [ $i -lt 9999 ]; do echo bye; i=$((i + 1)); done; exit 3' TERM; echo ready; while :; do sleep 0.01; done`
  const invocation = makeInstall({ scripts: { install: script } })
  const ended = engine.carryOut(invocation)
  await engine.printed(invocation.id, 'stdout', 'ready')
  engine.worker.cancel(invocation.id)
  expect((await ended).outcome).toMatchObject({ state: 'cancelled' })
  expect(engine.output(invocation.id)).toHaveLength(40_002)
})
