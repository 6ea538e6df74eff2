/** Activity periods in days; longer than two are shown by day. */
export const dayChoices = ['1', '7', '30'] as const
export type DayChoice = (typeof dayChoices)[number]
