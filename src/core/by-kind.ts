/**
 * Makes one function of a function for each kind in a union; the compiler reports a kind that has
 * none.
 * @example const describe = byKind<Shape, string>({ circle: ({ radius }) => …, square: ({ side })
 * => … })
 */
export const byKind =
  <Value extends { readonly kind: string }, Result>(
    cases: {
      readonly [Kind in Value['kind']]: (value: Extract<Value, { readonly kind: Kind }>) => Result
    },
  ): ((value: Value) => Result) =>
  (value) =>
    (cases[value.kind as Value['kind']] as (value: Value) => Result)(value)
