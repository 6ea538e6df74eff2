/** A console preference stored in this browser; undefined if the browser stores nothing. */
type Choice = 'language' | 'appearance' | 'navigation' | 'instances'

const keyOf = (choice: Choice) => `chandler.${choice}`

export function recallChoice(choice: Choice): string | undefined {
  try {
    return localStorage.getItem(keyOf(choice)) ?? undefined
  } catch {
    return undefined // a browser that keeps nothing refuses to be asked
  }
}

export function rememberChoice(choice: Choice, value: string): void {
  try {
    localStorage.setItem(keyOf(choice), value)
  } catch (error) {
    console.warn('this browser keeps no choices', error)
  }
}
