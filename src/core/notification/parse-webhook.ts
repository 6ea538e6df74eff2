/** How the body of a delivery is written. */
export const webhookFormats = ['json', 'slack', 'teams', 'dingtalk', 'feishu', 'email'] as const
export type WebhookFormat = (typeof webhookFormats)[number]

/** Chat services whose addresses we know. */
const formatByHost: readonly (readonly [RegExp, WebhookFormat])[] = [
  [/^hooks\.slack(-gov)?\.com$/, 'slack'],
  [/\.(webhook\.office\.com|logic\.azure\.com|powerplatform\.com)$/, 'teams'],
  [/^(oapi|api)\.dingtalk\.com$/, 'dingtalk'],
  [/^open\.(feishu\.cn|larksuite\.com)$/, 'feishu'],
]

/** The parts of a URL, as `new URL` reads them. */
export interface WebhookAddress {
  readonly protocol: string
  readonly hostname: string
  readonly origin: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
  readonly username: string
  readonly password: string
  readonly href: string
}

/** The format that fits an address: that of its chat service, `email` for `mailto:`, else `json`. */
export function findFormat({ protocol, hostname }: WebhookAddress): WebhookFormat {
  if (protocol === 'mailto:') return 'email'
  return formatByHost.find(([pattern]) => pattern.test(hostname))?.[1] ?? 'json'
}

const maxUrlLength = 2_000

/** Why an address and a format cannot be used, or undefined. The text follows "the webhook NAME is invalid:". */
export function findWebhookProblem(address: WebhookAddress, format: WebhookFormat): string | undefined {
  const { protocol, username, password, pathname, search, hash, href } = address
  if (href.length > maxUrlLength) return `its URL is longer than ${maxUrlLength} characters`
  if (format === 'email') {
    if (protocol !== 'mailto:') return 'the format email needs an address such as mailto:ops@example.com'
    if (search !== '' || !pathname.split(',').every((one) => /^[^\s@,<>%]+@[^\s@,<>%]+$/.test(one)))
      return 'its URL is not of the form mailto:ops@example.com,oncall@example.com'
    return undefined
  }
  if (protocol === 'mailto:') return `the format ${format} needs an http or https URL`
  if (protocol !== 'http:' && protocol !== 'https:') return 'its URL does not begin with https://, http:// or mailto:'
  if (username !== '' || password !== '') return 'its URL contains a user name or password'
  if (hash !== '') return 'its URL contains a fragment (#)'
  return undefined
}

/**
 * The part of an address that pages and logs may show: addresses of chat services, and queries,
 * contain secrets.
 */
export function maskWebhookUrl(address: WebhookAddress, format: WebhookFormat): string {
  const { origin, pathname, search, href } = address
  if (format === 'email') return href
  return format === 'json' ? `${origin}${pathname}${search === '' ? '' : '?…'}` : `${origin}/…`
}

/** Whether `maskWebhookUrl` has replaced a part: complete addresses are ASCII. */
export const isMaskedUrl = (shown: string): boolean => shown.includes('…')

/** Formats whose deliveries Chandler signs with a secret that it generates. */
export const isSignedFormat = (format: WebhookFormat): boolean => format === 'json'
/** Formats of services that have secrets of their own, which a user enters. */
export const takesServiceSecret = (format: WebhookFormat): boolean => format === 'dingtalk' || format === 'feishu'
