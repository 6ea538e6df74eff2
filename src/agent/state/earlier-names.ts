/**
 * Files in the state directory outlive the version of the agent that wrote them: an object of a
 * version that called the installation `recipe` gets the name of today. Anything else is unchanged,
 * for the schema to check.
 */
export function renameInstallation(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('recipe' in value)) return value
  const { recipe, ...rest } = value
  return { installation: recipe, ...rest }
}
