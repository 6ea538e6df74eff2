import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'

interface StatementSchema<Value> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: Value }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } }
}

/** Only canonical bytes: two readers of other JSON could see different values. */
export function parseStatement<Value>(
  canonical: string,
  schema: StatementSchema<Value>,
  name: string,
): { readonly value: Value } | { readonly refusal: TrustRefusal } {
  const refuse = (error: string) => ({ refusal: { code: 'StatementInvalid', arguments: { name, error } } as const })
  let value: unknown
  try {
    value = JSON.parse(canonical)
  } catch {
    return refuse('they are not JSON')
  }
  if (canonicalJson(value) !== canonical) return refuse('they are not canonical')
  const parsed = schema.safeParse(value)
  if (parsed.success) return { value: parsed.data }
  const [issue] = parsed.error.issues
  return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 512))
}
