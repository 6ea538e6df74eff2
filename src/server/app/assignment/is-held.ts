import type { PlannedInstance } from '../plan/make-plan.ts'

/** Uninstalling finds nothing to remove where the extension is absent. */
export const isAsDesired = ({ step, reasonCode }: Pick<PlannedInstance, 'step' | 'reasonCode'>): boolean =>
  step === 'none' || step === 'verify' || reasonCode === 'NotInstalled'

/** It is as desired, or the assignment is not for it, such as an instance outside of the scope. */
export const isHeld = (target: Pick<PlannedInstance, 'step' | 'reasonCode'>): boolean =>
  isAsDesired(target) || (target.step === 'skip' && target.reasonCode !== 'Offline')
