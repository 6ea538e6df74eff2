/** Renders an instant as OOS does, without fractions of seconds: `2019-05-16T10:26:14Z`. */
export const showTime = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`
