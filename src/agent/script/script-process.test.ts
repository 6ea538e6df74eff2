import { expect, test } from 'vitest'
import { createManualClock } from '../../lib/manual-clock.ts'
import type { Platform, SupervisedState } from '../platform/platform.ts'
import { superviseScript } from './script-process.ts'

test('an error of the system while a script is watched does not end the script', async () => {
  const clock = createManualClock()
  let looks = 0
  let troubles = 0
  const inspectSupervised = (): SupervisedState => {
    if (++looks < 5) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    return looks < 8 ? { state: 'running', pid: 1, ranMs: 1 } : { state: 'ended', end: { kind: 'exit', code: 3 } }
  }
  const ended = superviseScript({
    platform: { inspectSupervised } as Partial<Platform> as Platform,
    clock,
    directory: '/nowhere',
    onOutput: () => {
      if (looks < 4) throw Object.assign(new Error('an error of the disk'), { code: 'EIO' })
    },
    onTrouble: () => troubles++,
    signal: new AbortController().signal,
  })
  let end: unknown
  void ended.then((found) => (end = found))
  for (let second = 0; second < 10 && end === undefined; second++) {
    await clock.advance(1_000)
  }
  expect(await ended).toEqual({ kind: 'exit', code: 3 })
  expect(troubles).toBeGreaterThanOrEqual(4)
})
