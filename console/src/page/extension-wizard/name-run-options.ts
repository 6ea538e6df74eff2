import type { RunOptions } from '../../../../src/core/extension/extension.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

/** Names of the enabled options of a configuration. */
export const nameRunOptions = (
  { unpack, keepWorkspace, allowRemovals }: Pick<RunOptions, 'unpack' | 'keepWorkspace' | 'allowRemovals'>,
  texts: Catalogue['extensionWizard']['run'],
): string[] => [
  ...(unpack ? [texts.unpack] : []),
  ...(keepWorkspace === 'onFailure' ? [texts.keepWorkspace] : []),
  ...(allowRemovals ? [texts.allowRemovals] : []),
]
