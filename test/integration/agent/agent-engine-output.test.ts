// What a script prints, also by name, and what of it is the script's.
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endAfterTest, isRoot, makeInstall, readPid, TestEngine } from './agent-engine.ts'

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

test('also where a script of root becomes another user', async ({ skip }) => {
  skip(!isRoot, 'only root becomes another user')
  const engine = await TestEngine.start()
  const script =
    'echo 1 >&2; setpriv --reuid=1 --regid=1 --clear-groups -- /bin/sh -c "echo 2 > /dev/stderr"; echo 3 >&2'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId, 'stderr').toString()).toBe('1\n2\n3\n')
})

test('megabytes through both pipes arrive whole', async () => {
  const engine = await TestEngine.start()
  const script = 'head -c 3000000 /dev/zero | tr "\\0" x; head -c 2000000 /dev/zero | tr "\\0" y > /dev/stderr'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId).equals(Buffer.alloc(3_000_000, 'x'))).toBe(true)
  expect(engine.output(invocationId, 'stderr').equals(Buffer.alloc(2_000_000, 'y'))).toBe(true)
})

test('a daemon that holds the streams and prints on keeps nothing up: all of the script is there, and no mark', async () => {
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

test('a script that signals its whole group does not lose what it prints then', async () => {
  const engine = await TestEngine.start()
  const script = 'trap "echo bye" TERM; echo hi; kill 0; wait; echo after'
  const { invocationId } = await engine.carryOut(makeInstall({ scripts: { install: script } }))
  expect(engine.output(invocationId).toString()).toBe('hi\nbye\nafter\n')
})
