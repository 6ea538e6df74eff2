import type { Catalogue } from '../catalogue.ts'

export const instances: Catalogue['instances'] = {}
