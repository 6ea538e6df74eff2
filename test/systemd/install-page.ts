import { readFile } from 'node:fs/promises'

/** The blocks of a page in Markdown that users copy. */
export interface InstallPage {
  /** Commands of all `console` blocks, in order, without prompt and comment. */
  readonly commands: readonly string[]
  /** The block of this language that contains the text; fails if there is none. */
  block(language: string, text: string): string
}

/** @param replacements texts of the page and what they are on this machine */
export async function readInstallPage(
  url: URL,
  replacements: readonly (readonly [from: string | RegExp, to: string])[],
): Promise<InstallPage> {
  let page = await readFile(url, 'utf8')
  for (const [from, to] of replacements) page = page.replaceAll(from, to)
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))
  return {
    commands: blocks
      .filter(({ language }) => language === 'console')
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => /^[#$] /.test(line))
      .map((line) => line.slice(2).replace(/\s{2,}# .*$/, '')),
    block(language, text) {
      const found = blocks.find((block) => block.language === language && block.text.includes(text))
      if (found === undefined) throw new Error(`the page has no ${language} block with ${text}`)
      return found.text
    },
  }
}
