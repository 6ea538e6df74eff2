import { expect, test } from 'vitest'
import { judgeStart } from './await-agent.ts'

const service = (mainPid: number) => ({ isActive: true, isEnabled: true, mainPid })
const seen = { first: service(812), latest: service(812), heldMs: undefined, waitedMs: 0 }

test.each([
  ['its process has not opened the state directory', seen, 'wait'],
  ['it has just opened it', { ...seen, heldMs: 0, waitedMs: 400 }, 'wait'],
  ['it has held it for a second', { ...seen, heldMs: 1_000, waitedMs: 1_400 }, 'runs'],
  ['its process is gone', { ...seen, latest: service(0), waitedMs: 400 }, 'ended'],
  ['it was gone from the beginning', { ...seen, first: service(0), latest: service(0) }, 'ended'],
  ['systemd has started another process', { ...seen, latest: service(900), heldMs: 2_000 }, 'ended'],
  ['it never opened the state directory', { ...seen, waitedMs: 60_000 }, 'late'],
])('when %s', (_, observation, verdict) => {
  expect(judgeStart(observation)).toBe(verdict)
})
