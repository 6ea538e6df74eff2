import { renewKeyProof } from '../../protocol/agent-protocol.ts'
import { type Identity, makePrivateKey, rawPublicKey, saveIdentity, signWith } from './identity.ts'

export interface KeyRenewalRequest {
  readonly publicKey: string
  readonly signature: string
  readonly newSignature: string
}

/** The agent's keys and their renewal; every change is on disk before it takes effect. */
export interface AgentKeys {
  /** Signs with the candidate key. */
  sign(text: string): string
  /** The server does not know the candidate key. False if there is no other one. */
  tryOther(): boolean
  /** The server knows the candidate key: if it is the new one, delete the old one. */
  accepted(): Promise<void>
  /** The renewal request; the new key is stored first. `nonce` is that of the connection. */
  renew(nonce: string): Promise<KeyRenewalRequest>
  /** The server has stored the new key. */
  renewed(): Promise<void>
}

/**
 *   privateKey ── renew: store next ──► privateKey + next ── renewed, or accepted with next ──► next is the privateKey
 *
 * With two keys the agent does not know whether the server has switched, so it tries the new one
 * first. In this order an agent never proves the old key after the switch; a process that does has
 * a copy, and the server treats it as one.
 */
export function createAgentKeys(
  identity: Identity & { readonly instanceId: string },
  stateDirectory: string,
): AgentKeys {
  let current = identity
  let tried: 'current' | 'next' = identity.nextPrivateKey ? 'next' : 'current'
  /**
   * The server has refused the other key on this connection: there is no other candidate until it
   * accepts one.
   */
  let isOtherRefused = false

  async function save(changed: typeof identity): Promise<void> {
    await saveIdentity(changed, stateDirectory)
    current = changed
  }

  async function switchToNext(): Promise<void> {
    const { nextPrivateKey, ...rest } = current
    if (nextPrivateKey) await save({ ...rest, privateKey: nextPrivateKey })
    tried = 'current'
  }

  return {
    sign: (text) => signWith((tried === 'next' && current.nextPrivateKey) || current.privateKey, text),
    tryOther() {
      if (!current.nextPrivateKey || isOtherRefused) return false
      isOtherRefused = true
      tried = tried === 'next' ? 'current' : 'next'
      return true
    },
    async accepted() {
      isOtherRefused = false
      if (tried === 'next') await switchToNext()
    },
    async renew(nonce) {
      const { instanceId, privateKey } = current
      const next = current.nextPrivateKey ?? makePrivateKey()
      if (!current.nextPrivateKey) await save({ ...current, nextPrivateKey: next })
      const publicKey = rawPublicKey(next)
      const proof = renewKeyProof(instanceId, nonce, publicKey)
      // Until the answer arrives it may be either key: after a lost connection the agent tries the
      // new one first.
      tried = 'next'
      return { publicKey, signature: signWith(privateKey, proof), newSignature: signWith(next, proof) }
    },
    renewed: switchToNext,
  }
}
