import { ArtifactRefused } from './artifact-refused.ts'

export interface AddressRequest {
  readonly invocationId: string
  readonly sha256: string
}

export interface AddressAnswer extends AddressRequest {
  readonly url?: string
  /** Why there is no URL: a sentence. */
  readonly refused?: string
}

/** The download URL of an artifact for an invocation. */
export interface ArtifactAddress {
  /** The URL from the invocation, which may have expired. */
  readonly url: string | undefined
  /**
   * Requests a new URL from the server and waits for the answer. Rejects with ArtifactRefused if
   * the server has none.
   */
  renew(signal: AbortSignal): Promise<string>
}

/**
 * Pending requests for new URLs: the URLs in invocations expire, and an invocation may wait for
 * hours. A new connection repeats the requests without an answer.
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

  /** Ignore an answer that nothing waits for. */
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
