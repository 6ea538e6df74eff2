import type { Catalogue } from '../catalogue.ts'

export const batch: Catalogue['batch'] = {}
