/** `1 instance`, `2 instances`: English only; other languages of the console do not inflect. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
