const reloadedAt = 'chandler.reloaded-at'
/** A part that still fails after a reload is missing for another reason. */
const notAgainWithinMs = 60_000
const retryMs = 2_000

/**
 * Loads a code-split part of the console. Loading fails after a server update replaced the files
 * and while the connection is lost, and browsers do not retry a failed module. Therefore this
 * reloads the whole console once the server responds; until then, the part stays in the loading
 * state.
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
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}
