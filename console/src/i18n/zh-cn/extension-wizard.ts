import type { Catalogue } from '../catalogue.ts'

export const extensionWizard: Catalogue['extensionWizard'] = {}
