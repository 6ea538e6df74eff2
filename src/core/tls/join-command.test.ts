import { expect, test } from 'vitest'
import { renderJoinCommand } from './join-command.ts'

const digest = 'ab'.repeat(32)
const render = (server: string, caSha256?: string) =>
  renderJoinCommand({ server, token: 'ct_1', caSha256, url: new URL(server) })

test('with a certificate that the system trusts, the command is one download', () => {
  expect(render('https://chandler.example')).toBe(
    'curl -fsSL https://chandler.example/install.sh | sudo sh -s -- --token ct_1',
  )
})

test('plain HTTP beyond loopback is explicit', () => {
  expect(render('http://10.0.0.1:7443')).toContain('sh -s -- --insecure-http --token ct_1')
  expect(render('http://127.0.0.1:7443')).toContain('sh -s -- --token ct_1')
})

test('with a CA of the server, nothing is executed before its digest was compared', () => {
  const command = render('https://10.0.0.1:7443', digest)
  const order = ['ca.der', `echo "${digest}  $d/ca" | sha256sum -c`, '--cacert', 'install.sh', 'sudo sh'].map((part) =>
    command.indexOf(part),
  )
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order.every((place) => place >= 0)).toBe(true)
  expect(command.match(/curl -\S*k/g)).toHaveLength(1)
  expect(command).toContain(`--ca-sha256 ${digest} --token ct_1`)
})
