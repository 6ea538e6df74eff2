import type { ErrorEntry } from './error-entry.ts'

/** Errors of webhooks; part of the catalogue in errors.ts. */
export const notificationErrors = {
  WebhookInvalid: {
    status: 400,
    text: 'The webhook {name} is invalid: {reason}.',
    next: 'See `chandler webhook create --help` and docs/notifications.md.',
  },
  WebhookExists: {
    status: 409,
    text: 'There is a webhook {name}.',
    next: 'Choose another name, or delete it with `chandler webhook delete {name}`.',
  },
  WebhookNotFound: {
    status: 404,
    text: 'There is no webhook {name}.',
    next: 'List the webhooks with `chandler webhook list`.',
  },
  DeliveryNotFound: {
    status: 404,
    text: 'The webhook {name} has no delivery {id}.',
    next: 'List its deliveries with `chandler webhook deliveries {name}`.',
  },
} as const satisfies Record<string, ErrorEntry>
