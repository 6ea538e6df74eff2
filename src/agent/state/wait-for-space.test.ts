import { expect, test } from 'vitest'
import { createLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { waitForSpace } from './wait-for-space.ts'

test('a full disk is logged and waited for with growing delays; any other error fails at once', async () => {
  const lines: string[] = []
  const log = createLogger({ level: 'info', format: 'text', write: (line) => lines.push(line), now: () => 0 })
  const clock = createManualClock()
  const stop = new AbortController()
  const waiting = { stateDirectory: '/', clock, log, signal: stop.signal }
  let attempts = 0
  const started = waitForSpace(waiting, async () => {
    if (++attempts < 4) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', path: '/x' })
    return 'up'
  })
  let result: string | undefined
  void started.then((found) => (result = found))
  // The test reads the free space of the real disk in between, which takes an unknown time.
  while (result === undefined) await clock.advance(2_000)
  expect(await started).toBe('up')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/the disk of \/ is full.*make room.*freeBytes=/)
  await expect(
    waitForSpace(waiting, async () => {
      throw Object.assign(new Error('an error of the disk'), { code: 'EIO' })
    }),
  ).rejects.toThrow('an error of the disk')
  stop.abort()
  expect(await waitForSpace(waiting, async () => 'never')).toBeUndefined()
})
