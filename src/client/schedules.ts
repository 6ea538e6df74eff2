import {
  type ScheduleInput,
  type ScheduleReplacement,
  scheduleRunSchema,
  scheduleSchema,
  schedulesSchema,
} from '../protocol/api/automation/schedules.ts'
import { pathOf, type Transport } from './transport.ts'

/** Executions that start at the times of a cron expression. */
export const createSchedulesClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/schedules', schedulesSchema),
  get: (name: string) => transport.request('GET', pathOf`/schedules/${name}`, scheduleSchema),
  create: (body: ScheduleInput) => transport.request('POST', '/schedules', scheduleSchema, { body }),
  /** Creates or replaces it. */
  put: (name: string, body: ScheduleReplacement) =>
    transport.request('PUT', pathOf`/schedules/${name}`, scheduleSchema, { body }),
  delete: (name: string) => transport.send('DELETE', pathOf`/schedules/${name}`),
  pause: (name: string) => transport.request('POST', pathOf`/schedules/${name}/pause`, scheduleSchema),
  resume: (name: string) => transport.request('POST', pathOf`/schedules/${name}/resume`, scheduleSchema),
  /** Starts its execution now. */
  run: (name: string) => transport.request('POST', pathOf`/schedules/${name}/run`, scheduleRunSchema),
})
