import { chandlerError } from '../../../../core/error/errors.ts'
import {
  type FactorOwner,
  getSecondFactor,
  useFactorStep,
  useRecoveryCode,
} from '../../../../store/access/second-factors.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { AppContext } from '../../context.ts'
import { findFactorStep, hashRecoveryCode } from './authenticator-app.ts'

/** What proved the second factor: nothing is required, a code of the app, or a recovery code. */
export type FactorProof = 'none' | 'code' | 'recoveryCode'

/** Binds the secret to its row, so that it cannot be copied to another user. */
export const factorContext = (id: string) => `second-factor/${id}`

/**
 * Checks and uses up a code, if the user has a second factor. Call it in the transaction of the
 * change that it protects: if that fails, the code is not used up.
 * @throws SecondFactorRequired, SecondFactorWrong (also for a code that was used before)
 */
export async function useFactorCode(
  transaction: Connection,
  { secrets, clock }: Pick<AppContext, 'secrets' | 'clock'>,
  owner: FactorOwner,
  code: string | undefined,
): Promise<FactorProof> {
  const factor = await getSecondFactor(transaction, owner)
  if (!factor?.confirmedAt) return 'none'
  const typed = code?.trim() ?? ''
  if (typed === '') throw chandlerError('SecondFactorRequired', {})
  const secret = secrets.open(factor.secretSealed, factorContext(factor.id)).toString('utf8')
  const step = findFactorStep(secret, typed.replaceAll(/\s/gu, ''), clock.now())
  if (step !== undefined && (await useFactorStep(transaction, owner, { id: factor.id, step }))) return 'code'
  if (await useRecoveryCode(transaction, owner, hashRecoveryCode(typed))) return 'recoveryCode'
  throw chandlerError('SecondFactorWrong', {})
}
