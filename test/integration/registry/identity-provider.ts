import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A user of the provider; the id is the subject, and any password is accepted. */
export interface ProviderUser {
  readonly preferred_username?: string
  readonly groups?: readonly string[]
}

export interface IdentityProvider {
  readonly issuer: string
  readonly client: { readonly id: string; readonly secret: string }
  /** Changes take effect at the next sign-in. */
  readonly users: Record<string, ProviderUser>
  stop(): Promise<void>
  start(): Promise<void>
}

/** A certified OpenID Connect provider on a port of its own, with its login pages. */
export async function startIdentityProvider(redirectUris: () => readonly string[]): Promise<IdentityProvider> {
  const users: Record<string, ProviderUser> = {}
  const client = { id: 'chandler', secret: 'a-secret-of-the-client' }
  let listener: RequestListener | undefined
  const server = createServer((request, response) => listener?.(request, response))
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  return {
    issuer,
    client,
    users,
    async start() {
      if (!server.listening) await listen(port)
      listener = new Provider(issuer, {
        clients: [
          {
            client_id: client.id,
            client_secret: client.secret,
            redirect_uris: redirectUris(),
            grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
            response_types: ['code'],
          },
        ],
        claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
        cookies: { keys: ['a key of the test'] },
        features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true, mask: '****-****' } },
        findAccount: (_: unknown, id: string) => ({
          accountId: id,
          claims: async () => ({ sub: id, ...users[id] }),
        }),
      }).callback()
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A browser: cookies per server, redirects one by one. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>()
  async function ask(url: string, init: Pick<RequestInit, 'method' | 'body'> = {}): Promise<Response> {
    const { host } = new URL(url)
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  const next = (from: string, response: Response) => new URL(response.headers.get('location') ?? '', from).href
  return {
    ask,
    /** Enters the code of a program, confirms and signs in. @param login undefined: the user refuses */
    async enterCode(page: string, userCode: string, login: string | undefined): Promise<void> {
      const send = async (html: string, typed: Record<string, string>) => {
        const [, action = ''] = /action="([^"]+)"/.exec(html) ?? []
        const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(html) ?? []
        const body = new URLSearchParams({ xsrf, user_code: userCode, ...typed })
        return ask(new URL(action, page).href, { method: 'POST', body })
      }
      const confirmation = await (await send(await (await ask(page)).text(), {})).text()
      const answer = await send(confirmation, login === undefined ? { abort: 'yes' } : { confirm: 'yes' })
      if (login !== undefined) await this.follow(next(page, answer), login, () => false)
    },
    /** Follows redirects, and signs in and consents at the provider, until `isEnd`. */
    async follow(start: string, login: string, isEnd: (url: string) => boolean): Promise<string> {
      let url = start
      for (let step = 0; step < 20; step++) {
        if (isEnd(url)) return url
        const response = await ask(url)
        if (response.headers.has('location')) {
          url = next(url, response)
          continue
        }
        const page = await response.text()
        const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? []
        const [, action = ''] = /action="([^"]+)"/.exec(page) ?? []
        // The last page of a sign-in for another device.
        if (prompt === '' && response.ok) return url
        if (prompt === '') throw new Error(`${url} answered ${response.status}: ${page.slice(0, 300)}`)
        const body = new URLSearchParams({ prompt, login, password: 'any' })
        url = next(url, await ask(new URL(action, url).href, { method: 'POST', body }))
      }
      throw new Error(`the sign-in did not end: ${url}`)
    },
  }
}
