import { once } from 'node:events'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import { openMail } from './open-mail.ts'

let server: SMTPServer | undefined
afterEach(async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (server) server.close(resolve)
  else resolve()
  await promise
  server = undefined
})

/** A real SMTP server on loopback. Returns its port and the messages. */
async function startServer(options: SMTPServerOptions = {}) {
  const messages: { from: string; to: string[]; data: string }[] = []
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      let data = ''
      stream.setEncoding('utf8').on('data', (text: string) => (data += text))
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        messages.push({ from, to: envelope.rcptTo.map(({ address }) => address), data })
        done()
      })
    },
    ...options,
  })
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return { port: (listener.address() as { port: number }).port, messages }
}

const message = {
  to: ['ops@example.com', 'oncall@example.com'],
  subject: 'Failed: install demo',
  text: 'exec-1\n.\nend',
}

test('a message arrives with sender, recipients, subject and text, and with the password of the URL', async () => {
  const logins: unknown[] = []
  const { port, messages } = await startServer({
    authOptional: false,
    onAuth({ username, password }, _, done) {
      logins.push([username, password])
      done(null, { user: username })
    },
    allowInsecureAuth: true,
  })
  const send = await openMail({ url: `smtp://user%40a:p%2Fw@127.0.0.1:${port}`, from: 'chandler@example.com' })
  expect(await send(message)).toEqual({ accepted: true })
  expect(logins).toEqual([['user@a', 'p/w']])
  expect(messages).toMatchObject([{ from: 'chandler@example.com', to: message.to }])
  expect(messages[0]?.data).toContain('Subject: Failed: install demo')
  expect(messages[0]?.data.replaceAll('\r\n', '\n')).toContain('exec-1\n.\nend')
})

test('a header cannot be added with a name', async () => {
  const { port, messages } = await startServer()
  const send = await openMail({ url: `smtp://127.0.0.1:${port}`, from: 'chandler@example.com' })
  await send({ ...message, subject: 'a\r\nBcc: evil@example.com' })
  expect(messages[0]?.data).not.toMatch(/^Bcc:/im)
  expect(messages[0]?.to).toEqual(message.to)
})

test('a refusal has its status; a server that is away has none', async () => {
  const { port } = await startServer({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such user'), { responseCode: 550 })),
  })
  const url = `smtp://127.0.0.1:${port}`
  const send = await openMail({ url, from: 'chandler@example.com' })
  expect(await send(message)).toEqual({ accepted: false, status: 550, fault: 'Refused' })
  const { promise, resolve } = Promise.withResolvers<void>()
  server?.close(resolve)
  await promise
  server = undefined
  expect(await send(message)).toEqual({ accepted: false, fault: 'NoAnswer' })
})
