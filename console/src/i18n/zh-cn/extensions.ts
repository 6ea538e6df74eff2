import type { Catalogue } from '../catalogue.ts'

export const extensions: Catalogue['extensions'] = {}
