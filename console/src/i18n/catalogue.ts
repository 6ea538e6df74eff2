import type { en } from './en/en.ts'

/** Every text of the console, by section. The English one is the form; each other language has the same (a type says so, and a test). */
export type Catalogue = typeof en

export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]
