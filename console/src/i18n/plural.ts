/** `1 instance`, `2 instances`: English only: Chinese has no plural forms. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
