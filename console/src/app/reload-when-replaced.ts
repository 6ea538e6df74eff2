const reloadedAt = 'chandler.reloaded-at'
/** A part that cannot be had even after loading anew is missing for another reason. */
const notAgainWithinMs = 60_000

/** After an update of the server, parts of the console that an open tab has not loaded yet are gone: the new console is loaded whole. */
export function reloadWhenReplaced(): void {
  addEventListener('vite:preloadError', (event) => {
    const lastAt = Number(sessionStorage.getItem(reloadedAt) ?? 0)
    if (Date.now() - lastAt < notAgainWithinMs) return
    sessionStorage.setItem(reloadedAt, String(Date.now()))
    event.preventDefault()
    location.reload()
  })
}
