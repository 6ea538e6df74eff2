/** Field names and list indexes, from 0. */
export type YamlPath = readonly (string | number)[]

/** Counted from 1, as in editors. */
export interface YamlPlace {
  readonly line: number
  readonly column: number
}

/** `configurations[1].os`. */
export const nameOf = (path: YamlPath): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    '',
  ) || 'the file'
