/** All steps that a plan can have. */
export const installStepIds = [
  'confirmInstalled',
  'prepareWanted',
  'keepPrevious',
  'prepareUninstall',
  'uninstallPrevious',
  'installWanted',
  'updateWanted',
  'verifyWanted',
  'outputWanted',
  'prepareRestore',
  'restorePrevious',
  'verifyPrevious',
  'removeWanted',
  'runWanted',
] as const
export type InstallStepId = (typeof installStepIds)[number]
