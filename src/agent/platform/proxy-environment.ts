/** Variables that name forward proxies; the lower-case forms are as common. */
const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'] as const

/** The forward proxies that the agent's environment names; scripts do not inherit them. */
export const readProxyEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value ? [[name, value]] : []
    }),
  )
