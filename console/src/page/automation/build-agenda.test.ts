import { expect, test } from 'vitest'
import type { ScheduleView } from '../../../../src/protocol/api/automation/schedules.ts'
import { buildAgenda } from './build-agenda.ts'

const schedule = (name: string, upcoming: string[]): ScheduleView => ({
  name,
  upcoming,
  cron: '0 3 * * *',
  timeZone: 'UTC',
  onMissed: 'skip',
  onOverlap: 'skip',
  operation: 'install demo',
  request: {},
  secretParameters: {},
  targets: 'all',
  paused: false,
  waiting: false,
  createdBy: 'admin',
  createdAt: '2026-11-01T00:00:00.000Z',
})
const freeze = (name: string, beginsAt: string, endsAt: string) => ({ name, beginsAt, endsAt, createdBy: 'admin' })

test('starts and freezes by day, in order, without what is over', () => {
  const days = buildAgenda(
    [schedule('b', ['2026-12-01T03:00:00Z', '2026-12-02T03:00:00Z']), schedule('a', ['2026-12-01T03:00:00Z'])],
    [freeze('holidays', '2026-11-30T00:00:00Z', '2026-12-01T12:00:00Z')],
    Date.parse('2026-12-01T00:00:00Z'),
    (at) => at.slice(0, 10),
  )
  expect(days.map(({ day, entries }) => [day, entries.map(({ kind, name }) => `${kind} ${name}`)])).toEqual([
    ['2026-12-01', ['start a', 'start b', 'freezeEnds holidays']],
    ['2026-12-02', ['start b']],
  ])
})
