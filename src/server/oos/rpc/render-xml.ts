import Builder from 'fast-xml-builder'

/**
 * An answer as XML, in the way of RPC APIs: a list is its element repeated, an empty one is not there, nor is what is undefined or null.
 *
 * Names of fields may be a user's (tags, parameters). One that XML has no element for becomes `<Entry Name="…">`, so that no name can be
 * markup; a character that XML cannot hold at all becomes U+FFFD.
 */
export const renderXml = (root: string, answer: Readonly<Record<string, unknown>>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ [root]: toNode(answer) })}`

const text = '#text'
const attribute = '@'
const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: attribute,
  textNodeName: text,
  suppressBooleanAttributes: false,
  processEntities: true,
})

function toNode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toNode)
  if (typeof value !== 'object' || value === null) return toText(value)
  const node: Record<string, unknown> = {}
  const entries: unknown[] = []
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined || field === null) continue
    if (elementName.test(name)) node[name] = toNode(field)
    else entries.push(...[field].flat().map((item) => ({ [`${attribute}Name`]: toText(name), ...toContent(item) })))
  }
  return entries.length > 0 ? { ...node, Entry: entries } : node
}

const toContent = (value: unknown) => {
  const node = toNode(value)
  return typeof node === 'object' ? node : { [text]: node }
}

/** Of XML's names those that need no thought: no colon (a namespace), nothing but ASCII, and no beginning that XML keeps for itself. */
const elementName = /^(?!xml|Entry$)[A-Za-z_][\w.-]*$/i

const toText = (value: unknown) => String(value).replaceAll(unkeepable, '\uFFFD')
/** What XML 1.0 has no way to write: most control characters, halves of characters, two that are none. */
const unkeepable = /(?![\t\n\r\u007F-\u009F])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu
