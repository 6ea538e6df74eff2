import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'

export const shownExtensions = ['all', 'present', 'fitting', 'other'] as const
export type ShownExtensions = (typeof shownExtensions)[number]

const isShown: Readonly<Record<ShownExtensions, (row: InstanceExtensionView) => boolean>> = {
  all: () => true,
  present: ({ state }) => state !== 'absent',
  fitting: ({ fits }) => fits,
  other: ({ fits }) => !fits,
}

/** Those that are to be shown; the server looks for the name as well, but its answer comes later than the letter that was typed. */
export const findExtensionsHere = (
  rows: readonly InstanceExtensionView[],
  { find, show }: { readonly find: string; readonly show: ShownExtensions },
): InstanceExtensionView[] =>
  rows.filter((row) => isShown[show](row) && row.extension.toLowerCase().includes(find.trim().toLowerCase()))
