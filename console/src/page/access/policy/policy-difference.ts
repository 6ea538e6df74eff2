/** Policies to attach and to detach to get from `before` to `after`. */
export const findPolicyDifference = (before: readonly string[], after: readonly string[]) => ({
  attach: after.filter((name) => !before.includes(name)),
  detach: before.filter((name) => !after.includes(name)),
})
