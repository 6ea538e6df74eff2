import Builder from 'fast-xml-builder'

/**
 * Renders a response as XML in the style of RPC APIs: a list repeats its element, and an empty
 * list, undefined and null are omitted.
 *
 * Field names may come from users (tags, parameters). A name that is not a valid element name
 * becomes `<Entry Name="…">`, so that no name can be markup; a character that XML cannot represent
 * becomes U+FFFD.
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

/** A safe subset of XML names: no colon (a namespace), ASCII only, and no reserved prefix. */
const elementName = /^(?!xml|Entry$)[A-Za-z_][\w.-]*$/i

const toText = (value: unknown) => String(value).replaceAll(unkeepable, '\uFFFD')
/**
 * Characters that XML 1.0 cannot represent: most control characters, lone surrogates and two
 * noncharacters.
 */
const unkeepable = /(?![\t\n\r\u007F-\u009F])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu
