import type { ConsoleState } from './console-files.ts'

/** The page at the console's addresses while no console is available. */
export function renderWaitingPage(state: Exclude<ConsoleState, { kind: 'ready' }>): string {
  const isBuilding = state.kind === 'building'
  const title = isBuilding ? 'The console is being built' : 'The console is not available'
  const detail = isBuilding
    ? 'This takes a few seconds after each update. This page reloads automatically.'
    : `${escapeText(state.reason)} The CLI and the API are available.`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${isBuilding ? '<meta http-equiv="refresh" content="1">' : ''}
<title>${title} · Chandler</title>
<style>body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;max-width:40rem;margin:auto;padding:1rem}</style>
<h1>${title}</h1>
<p>${detail}</p>
</html>
`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeText = (text: string) => text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
