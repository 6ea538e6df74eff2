import type { ScheduleView } from '../../../../src/protocol/api/automation/schedules.ts'
import type { freezesSchema } from '../../../../src/protocol/api/timing.ts'

type FreezeView = ReturnType<typeof freezesSchema.parse>['items'][number]

/** One line of the calendar. */
export type AgendaEntry = { readonly at: string; readonly name: string } & (
  | { readonly kind: 'start'; readonly operation: string }
  | { readonly kind: 'freezeBegins' | 'freezeEnds' }
)

export interface AgendaDay {
  /** Such as `2026-12-01`, on the local clock. */
  readonly day: string
  readonly entries: readonly AgendaEntry[]
}

/** The freezes that are in effect. @param now in ms since 1970 */
export const findCurrentFreezes = (freezes: readonly FreezeView[], now: number): FreezeView[] =>
  freezes.filter(({ beginsAt, endsAt }) => Date.parse(beginsAt) <= now && Date.parse(endsAt) > now)

/**
 * The next starts and the borders of freezes by day, in order.
 * @param now in ms since 1970: earlier entries are left out
 * @param dayOf the local day of an instant
 */
export function buildAgenda(
  schedules: readonly ScheduleView[],
  freezes: readonly FreezeView[],
  now: number,
  dayOf: (instant: string) => string,
): AgendaDay[] {
  const starts = schedules.flatMap(({ name, operation, upcoming }) =>
    upcoming.map((at): AgendaEntry => ({ at, name, kind: 'start', operation })),
  )
  const borders = freezes.flatMap(({ name, beginsAt, endsAt }): AgendaEntry[] => [
    { at: beginsAt, name, kind: 'freezeBegins' },
    { at: endsAt, name, kind: 'freezeEnds' },
  ])
  const entries = [...starts, ...borders]
    .filter(({ at }) => Date.parse(at) >= now)
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at) || one.name.localeCompare(other.name))
  return [...Map.groupBy(entries, ({ at }) => dayOf(at))].map(([day, ofDay]) => ({ day, entries: ofDay }))
}
