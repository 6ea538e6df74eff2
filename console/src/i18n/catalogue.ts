import type { en } from './en/en.ts'

/**
 * All texts of the console, by section. The English catalogue defines the type that every other
 * language implements.
 */
export type Catalogue = typeof en

export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]
