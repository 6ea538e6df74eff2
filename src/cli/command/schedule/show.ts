import { showInstant } from '../../output/format.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerScheduleShow: Register = (parent, context) => {
  apiCommand(parent, context, 'show <name>', 'show a schedule', async ({ client, print }, name: string) => {
    const schedule = await client.schedules.get(name)
    print(schedule, () => {
      const { out } = context
      out.line(`${schedule.name}: ${schedule.operation} on ${schedule.targets}`)
      out.line(`  times:      ${schedule.cron} ${schedule.timeZone}${schedule.paused ? ' (paused)' : ''}`)
      if (schedule.window !== undefined) out.line(`  window:     ${schedule.window}`)
      out.line(`  on missed:  ${schedule.onMissed}, on overlap: ${schedule.onOverlap}`)
      out.line(`  created by: ${schedule.createdBy}, ${showInstant(schedule.createdAt)}`)
      if (schedule.waiting) out.line('  waits for the end of its last execution')
      if (schedule.lastAt !== undefined)
        out.line(
          `  last:       ${schedule.lastOutcome} ${showInstant(schedule.lastAt)}${schedule.lastFailure ? `: ${schedule.lastFailure.message}` : ''}`,
        )
      if (schedule.lastExecutionId !== undefined) out.line(`  execution:  ${schedule.lastExecutionId}`)
      for (const [index, time] of schedule.upcoming.entries())
        out.line(`  ${index === 0 ? 'next:      ' : '           '} ${showInstant(time)}`)
    })
  })
}
