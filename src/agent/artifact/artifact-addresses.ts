import { ArtifactRefused } from './artifact-refused.ts'

export interface AddressRequest {
  readonly invocationId: string
  readonly sha256: string
}

export interface AddressAnswer extends AddressRequest {
  readonly url?: string
  /** Why there is none: a sentence. */
  readonly refused?: string
}

/** Where an artifact is fetched for an invocation. */
export interface ArtifactAddress {
  /** As the invocation came with; it may have expired. */
  readonly url: string | undefined
  /** Asks the server for a fresh one, however long that takes. Rejects with ArtifactRefused if there is none. */
  renew(signal: AbortSignal): Promise<string>
}

/**
 * Questions for fresh addresses: the addresses in invocations expire, and an invocation may wait for hours. A question is open until it is
 * answered; a new connection asks it again.
 */
export class ArtifactAddresses {
  readonly #open = new Map<string, { request: AddressRequest; url: PromiseWithResolvers<string>; users: number }>()
  #listener: (request: AddressRequest) => void = () => {}

  addressOf(invocationId: string, sha256: string, url: string | undefined): ArtifactAddress {
    return { url, renew: (signal) => this.#ask({ invocationId, sha256 }, signal) }
  }

  open(): AddressRequest[] {
    return Array.from(this.#open.values(), ({ request }) => request)
  }

  onRequest(listener: (request: AddressRequest) => void): void {
    this.#listener = listener
  }

  /** An answer that nobody waits for is passed over. */
  answer({ url, refused, ...request }: AddressAnswer): void {
    const open = this.#open.get(keyOf(request))
    this.#open.delete(keyOf(request))
    if (url === undefined) open?.url.reject(new ArtifactRefused(refused ?? 'the server gave no address'))
    else open?.url.resolve(url)
  }

  async #ask(request: AddressRequest, signal: AbortSignal): Promise<string> {
    const key = keyOf(request)
    const known = this.#open.get(key)
    const asked = known ?? { request, url: Promise.withResolvers<string>(), users: 0 }
    asked.users += 1
    const gone = Promise.withResolvers<never>()
    const leave = () => gone.reject(signal.reason as Error)
    signal.addEventListener('abort', leave, { once: true })
    try {
      signal.throwIfAborted()
      if (known === undefined) {
        this.#open.set(key, asked)
        this.#listener(request)
      }
      return await Promise.race([asked.url.promise, gone.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      asked.users -= 1
      if (asked.users === 0 && this.#open.get(key) === asked) this.#open.delete(key)
    }
  }
}

const keyOf = ({ invocationId, sha256 }: AddressRequest) => `${invocationId} ${sha256}`
