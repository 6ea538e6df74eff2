/** As both signatures want it: UTF-8, everything but `A-Za-z0-9-_.~` as `%XX` in upper case. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

/** Parameters as they are signed: sorted by name, byte for byte, whatever the order and the encoding were on the way. */
export const renderCanonicalQuery = (parameters: Iterable<readonly [string, string]>): string =>
  [...parameters]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&')
