import type { Facts } from '../../../../src/core/instance/facts.ts'

/** Short system name: the code name and "GNU/Linux" would hide the version. */
export function nameSystem({ name, id, version }: Pick<Facts['os'], 'name' | 'id' | 'version'>): string {
  const short = name.replace(/ \([^()]*\)$/, '').replace(' GNU/Linux', '')
  return short || `${id} ${version}`.trim()
}
