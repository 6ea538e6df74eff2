import type { Catalogue } from '../catalogue.ts'

export const executions: Catalogue['executions'] = {}
