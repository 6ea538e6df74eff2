import { text } from 'node:stream/consumers'
import { Option } from 'commander'
import { eventTypes } from '../../../core/notification/event.ts'
import { webhookFormats } from '../../../core/notification/parse-webhook.ts'
import type { WebhookInput } from '../../../protocol/api/automation/webhooks.ts'
import { askSecret } from '../../ask-secret.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly url: string
  readonly format?: NonNullable<WebhookInput['format']>
  readonly events?: NonNullable<WebhookInput['events']>
  readonly serviceSecret?: true
  readonly replace?: true
}

export const registerWebhookCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create <name>',
    'create a webhook: a receiver of events of the account. The secret that signs its deliveries is shown only once',
    async ({ client, options, print }, name: string) => {
      const { url, format, events } = options
      const secret = options.serviceSecret ? await readSecret() : undefined
      const webhook = {
        url,
        ...(format && { format }),
        ...(events && { events }),
        ...(secret !== undefined && { serviceSecret: secret }),
      }
      const created = await (options.replace
        ? client.webhooks.put(name, webhook)
        : client.webhooks.create({ name, ...webhook }))
      print(created, () => {
        const { out, err } = context
        // On stderr, so that SECRET=$(chandler webhook create …) captures only the secret.
        if (created.secret !== undefined) out.line(created.secret)
        err.line(`${name}: format ${created.format}, events ${created.events.join(', ')}`)
        if (created.secret !== undefined)
          err.line('The receiver verifies deliveries with this secret. It is not shown again.')
        err.line(`Send a test event with: chandler webhook test ${name}`)
      })
    },
  )
    .requiredOption('--url <url>', 'URL of the receiver, or mailto:ADDRESS')
    .addOption(
      new Option('--format <format>', 'format of the messages (default: the one that fits the URL, else json)').choices(
        webhookFormats,
      ),
    )
    .option('--events <types>', `comma-separated list of ${eventTypes.join(', ')} (default: all)`, parseEvents)
    .option(
      '--service-secret',
      'the secret of a DingTalk or Feishu robot that verifies signatures, or the one that signs deliveries of the format json (whsec_…; default: generated); it is prompted for or read from standard input',
    )
    .option('--replace', 'replace the webhook if it exists; its secret remains unless one is set')

  async function readSecret(): Promise<string> {
    const { stdin } = context
    const secret = stdin.isTTY === true ? await askSecret(context, 'Secret: ') : (await text(stdin)).trim()
    if (secret === '') throw new UsageError('the secret is missing', 'Write it to standard input.')
    return secret
  }
}

function parseEvents(value: string): NonNullable<WebhookInput['events']> {
  return value.split(',').map((one) => {
    const type = eventTypes.find((known) => known === one.trim())
    if (!type) throw new UsageError(`there is no event ${one}`, `The events are ${eventTypes.join(', ')}.`)
    return type
  })
}
