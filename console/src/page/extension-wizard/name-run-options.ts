import type { RunOptions } from '../../../../src/core/extension/extension.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

/** Names of the enabled options of a configuration. */
export const nameRunOptions = (
  {
    unpack,
    keepWorkspace,
    allowRemovals,
    signature,
  }: Pick<RunOptions, 'unpack' | 'keepWorkspace' | 'allowRemovals' | 'signature'>,
  texts: Catalogue['extensionWizard']['run'],
): string[] => [
  ...(unpack ? [texts.unpack] : []),
  ...(keepWorkspace === 'onFailure' ? [texts.keepWorkspace] : []),
  ...(allowRemovals ? [texts.allowRemovals] : []),
  ...(signature ? [`${texts.signature}: ${texts.signatures[signature]}`] : []),
]
