/** What to attach and what to detach so that somebody who had `before` has `after`. */
export const findPolicyDifference = (before: readonly string[], after: readonly string[]) => ({
  attach: after.filter((name) => !before.includes(name)),
  detach: before.filter((name) => !after.includes(name)),
})
