/** The parts of an OpenAPI document that this function reads; the rest is passed through. */
interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

const prefix = '#/components/schemas/'

/**
 * The library writes every named schema twice, for requests (`TargetsInput`) and for responses
 * (`Targets`). Removes unreferenced schemas, and gives a schema its plain name if it is only used
 * in requests or both forms are equal.
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

/** `alike`: references to both forms of a schema compare equal. */
const textOf = (value: unknown, alike = false) => {
  const text = JSON.stringify(value) ?? ''
  return alike ? text.replaceAll(/(#\/components\/schemas\/\w+?)Input"/g, '$1"') : text
}
