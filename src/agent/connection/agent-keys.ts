import { renewKeyProof } from '../../protocol/agent-messages.ts'
import { type Identity, makePrivateKey, rawPublicKey, saveIdentity, signWith } from './identity.ts'

export interface KeyRenewalRequest {
  readonly publicKey: string
  readonly signature: string
  readonly newSignature: string
}

/** The keys that an agent proves its identity with, and their renewal; every change is on disk before it counts. */
export interface AgentKeys {
  /** Signs with the key that is tried now. */
  sign(text: string): string
  /** The server does not know the key that was tried. False if there is no other one. */
  tryOther(): boolean
  /** The server knows the key that was tried: if it is the new one, the old one is forgotten. */
  accepted(): Promise<void>
  /** What to ask the server for; the new key is kept first. `nonce` is that of the connection. */
  renew(nonce: string): Promise<KeyRenewalRequest>
  /** The server has taken the new key. */
  renewed(): Promise<void>
}

/**
 *   privateKey ── renew: next is kept ──► privateKey + next ── renewed, or accepted with next ──► next is the privateKey
 *
 * With two keys it is not known whether the server has switched: the new one is tried first. In this order an agent never proves the old
 * key after the switch; whoever does has a copy, and the server takes it for one.
 */
export function createAgentKeys(
  identity: Identity & { readonly instanceId: string },
  stateDirectory: string,
): AgentKeys {
  let current = identity
  let tried: 'current' | 'next' = identity.nextPrivateKey ? 'next' : 'current'
  /** The other key was refused on the way here: there is nothing else to try until one is accepted. */
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
      // Until the answer is here it may be either: after a lost connection the new one is tried first.
      tried = 'next'
      return { publicKey, signature: signWith(privateKey, proof), newSignature: signWith(next, proof) }
    },
    renewed: switchToNext,
  }
}
