import { isLoopbackHost } from '../../core/tls/loopback.ts'
import type { SendMail } from '../app/context.ts'

const timeoutMs = 10_000

/**
 * Opens a mail server: every message has a connection of its own, so that none stays open. With a
 * password, a connection without TLS is refused beyond loopback.
 */
export async function openMail({ url, from }: { readonly url: string; readonly from: string }): Promise<SendMail> {
  const { createTransport } = await import('nodemailer')
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && username !== '' && !isLoopbackHost(hostname),
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // The texts come from users.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async ({ to, subject, text }) => {
    try {
      const { rejected } = await transport.sendMail({ from, to: [...to], subject, text })
      return rejected.length === 0 ? { accepted: true } : { accepted: false, fault: 'Refused' }
    } catch (error) {
      const { responseCode } = error as { responseCode?: number }
      return responseCode === undefined
        ? { accepted: false, fault: 'NoAnswer' }
        : { accepted: false, status: responseCode, fault: 'Refused' }
    }
  }
}
