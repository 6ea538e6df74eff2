/** The rule of OOS: letters, digits, `_` and `-`. */
const parameterName = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/

/** Whether a text is a valid parameter name. */
export const isParameterName = (name: string) => parameterName.test(name) && name !== '__proto__'

/**
 * The environment variable of a parameter (design §5). Shell variables cannot contain a `-`, so it
 * becomes a `_`.
 */
export const renderParameterVariable = (name: string) => `CHANDLER_PARAM_${name.replaceAll('-', '_')}`
