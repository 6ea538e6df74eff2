/** What of an OpenAPI document is looked at here; the rest passes through. */
interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

const prefix = '#/components/schemas/'

/**
 * The library writes every named schema twice, as it is sent (`TargetsInput`) and as it is answered (`Targets`). Here what nothing
 * refers to goes, and what is only sent, or is the same both ways, has its plain name.
 */
export function tidyComponents<Document extends OpenApiDocument>(document: Document): Document {
  const schemas = document.components?.schemas ?? {}
  const used = findUsed(document, schemas)
  const names = new Map<string, string>()
  for (const name of used) {
    const plain = name.replace(/Input$/, '')
    const isSame = used.has(plain) && textOf(schemas[plain], true) === textOf(schemas[name], true)
    names.set(name, plain in schemas && (isSame || !used.has(plain)) ? plain : name)
  }
  const kept = [...used].map((name) => [names.get(name), schemas[name]] as const)
  const tidied = { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } }
  return JSON.parse(JSON.stringify(tidied), (key, value) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(prefix)
      ? prefix + (names.get(value.slice(prefix.length)) ?? value.slice(prefix.length))
      : value,
  )
}

function findUsed(document: OpenApiDocument, schemas: Readonly<Record<string, unknown>>): Set<string> {
  const used = new Set<string>()
  const follow = (value: unknown) => {
    for (const [, name = ''] of textOf(value).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name) || !(name in schemas)) continue
      used.add(name)
      follow(schemas[name])
    }
  }
  follow({ ...document, components: {} })
  return used
}

/** `alike`: references to both forms of a schema read the same. */
const textOf = (value: unknown, alike = false) => {
  const text = JSON.stringify(value) ?? ''
  return alike ? text.replaceAll(/(#\/components\/schemas\/\w+?)Input"/g, '$1"') : text
}
