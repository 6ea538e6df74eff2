const reloadedAt = 'chandler.reloaded-at'
/** A part that cannot be had even after loading anew is missing for another reason. */
const notAgainWithinMs = 60_000
const askAgainMs = 2_000

/**
 * Loads a part of the console that has a file of its own. That fails in a tab whose console an update of the server has replaced, and
 * while the connection is lost, and a browser does not ask for the same file again. So the console is loaded anew as a whole, once the
 * server answers; until then the part is still being loaded.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch (error) {
    const wasAway = await untilServerAnswers()
    const lastAt = Number(sessionStorage.getItem(reloadedAt) ?? 0)
    if (!wasAway && Date.now() - lastAt < notAgainWithinMs) throw error
    sessionStorage.setItem(reloadedAt, String(Date.now()))
    location.reload()
    return new Promise(() => {})
  }
}

async function untilServerAnswers(): Promise<boolean> {
  for (let wasAway = false; ; wasAway = true) {
    const isThere = await fetch('/healthz', { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return wasAway
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
}
