import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'

export const shownExtensions = ['all', 'present', 'fitting', 'other'] as const
export type ShownExtensions = (typeof shownExtensions)[number]

const isShown: Readonly<Record<ShownExtensions, (row: InstanceExtensionView) => boolean>> = {
  all: () => true,
  present: ({ state }) => state !== 'absent',
  fitting: ({ fits }) => fits,
  other: ({ fits }) => !fits,
}

/**
 * Applies the filters locally; the server searches, too, but its response arrives after the
 * keystroke.
 */
export const findExtensionsHere = (
  rows: readonly InstanceExtensionView[],
  { find, show }: { readonly find: string; readonly show: ShownExtensions },
): InstanceExtensionView[] =>
  rows.filter((row) => isShown[show](row) && row.extension.toLowerCase().includes(find.trim().toLowerCase()))
