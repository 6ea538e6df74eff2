/** How far back activity goes, in days; beyond two it is drawn by the day. */
export const dayChoices = ['1', '7', '30'] as const
export type DayChoice = (typeof dayChoices)[number]
