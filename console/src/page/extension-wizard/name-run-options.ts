import type { RunOptions } from '../../../../src/core/extension/extension.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

/** The options of a configuration that are switched on, by name. */
export const nameRunOptions = (
  { unpack, keepWorkspace, allowRemovals }: Pick<RunOptions, 'unpack' | 'keepWorkspace' | 'allowRemovals'>,
  texts: Catalogue['extensionWizard']['run'],
): string[] => [
  ...(unpack ? [texts.unpack] : []),
  ...(keepWorkspace === 'onFailure' ? [texts.keepWorkspace] : []),
  ...(allowRemovals ? [texts.allowRemovals] : []),
]
