/** Unguessable token; `crypto.randomUUID` requires HTTPS. */
export const makeClientToken = (): string =>
  `console-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
