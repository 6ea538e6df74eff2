import type { Facts } from '../../../../src/core/instance/facts.ts'

/** What a system is called where there is little room: the code name and "GNU/Linux" would push the version out of sight. */
export function nameSystem({ name, id, version }: Pick<Facts['os'], 'name' | 'id' | 'version'>): string {
  const short = name.replace(/ \([^()]*\)$/, '').replace(' GNU/Linux', '')
  return short || `${id} ${version}`.trim()
}
