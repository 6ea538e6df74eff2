/** Fields and places in lists, counted from 0. */
export type YamlPath = readonly (string | number)[]

/** Counted from 1, as editors do. */
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
