import { exitCodes } from '../../exit-code.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { showAnswer } from './deliveries.ts'

const pollMs = 300
const timeoutMs = 20_000

export const registerWebhookTest: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'test <name>',
    'send a test event to a webhook and print the answer; the exit code is 1 if the receiver did not accept it',
    async ({ client, print }, name: string) => {
      const { delivery: id } = await client.webhooks.test(name)
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const { items } = await client.webhooks.deliveries(name, { maxResults: 20 })
        const delivery = items.find((one) => one.id === id)
        const hasAnswer = delivery?.lastStatus !== undefined || delivery?.lastFault !== undefined
        if (delivery && (delivery.status === 'delivered' || hasAnswer)) {
          print(delivery, () =>
            context.out.line(
              delivery.status === 'delivered'
                ? `${name} accepted the event ${delivery.eventId}`
                : `${name} did not accept the event: ${showAnswer(delivery)}; it is retried`,
            ),
          )
          return delivery.status === 'delivered' ? exitCodes.success : exitCodes.failed
        }
        if (performance.now() >= deadline) {
          context.err.line(`the event is queued; see \`chandler webhook deliveries ${name}\``)
          return exitCodes.failed
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    },
  )
}
