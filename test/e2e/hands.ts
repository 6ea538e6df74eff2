import type { Locator, Page } from 'playwright-core'

/** User interactions, by mouse or by keyboard only. */
export interface Hands {
  /** Activates a button, link, tab or menu item. */
  press(target: Locator): Promise<void>
  write(field: Locator, text: string): Promise<void>
  /** A checkbox or radio button. */
  check(target: Locator): Promise<void>
  /** Selects an option of a list or menu that a button opens. */
  choose(button: Locator, option: string | RegExp): Promise<void>
  /** Uses the first file input; `label` is its button text. */
  chooseFile(label: string, path: string): Promise<void>
}

export const mouse = (page: Page): Hands => ({
  press: (target) => target.click(),
  async write(field, text) {
    await field.click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.insertText(text)
  },
  check: (target) => target.click(),
  async choose(button, option) {
    await button.click()
    await choice(page, option).click()
  },
  chooseFile: (label, path) => answerChooser(page, path, () => page.getByText(label, { exact: true }).first().click()),
})

/** The native file dialog is not part of the page: answer it when it opens. */
async function answerChooser(page: Page, path: string, open: () => Promise<void>): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), open()])
  await chooser.setFiles(path)
}

const choice = (page: Page, name: string | RegExp) =>
  page.getByRole('option', { name }).or(page.getByRole('menuitem', { name })).first()

/** More than the tab stops of any page. */
const maxPresses = 400

export function keyboard(page: Page): Hands {
  const focused = page.locator(':focus')
  const hasFocus = async (target: Locator) => (await target.and(focused).count()) > 0
  /** Every control must be reachable with Tab. */
  async function reach(target: Locator): Promise<void> {
    await target.waitFor({ state: 'attached' })
    for (let presses = 0; presses < maxPresses; presses++) {
      if (await hasFocus(target)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab never comes to ${target.toString()}`)
  }
  /** In composite widgets with one tab stop, uses arrow keys. */
  async function turn(key: string, target: Locator, isThere: () => Promise<unknown>): Promise<void> {
    for (let presses = 0; !(await isThere()); presses++) {
      if (presses === maxPresses) throw new Error(`${key} never comes to ${target.toString()}`)
      await page.keyboard.press(key)
    }
  }
  return {
    async press(target) {
      await target.waitFor()
      if ((await target.getAttribute('tabindex')) === '-1') {
        const group = page.locator('[role=tablist], [role=toolbar], [role=table]').filter({ has: target })
        await reach(group.locator('[tabindex="0"]').first())
        const isTable = (await group.getAttribute('role')) === 'table'
        await turn(isTable ? 'ArrowDown' : 'ArrowRight', target, () => hasFocus(target))
      } else await reach(target)
      await page.keyboard.press('Enter')
    },
    async write(field, text) {
      await reach(field)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText(text)
    },
    async check(target) {
      const isRadio = (await target.getAttribute('type')) === 'radio'
      if (!isRadio) {
        await reach(target)
        await page.keyboard.press('Space')
        return
      }
      // Tab reaches the checked radio button; arrow keys move from there and wrap around.
      const name = await target.getAttribute('name')
      await reach(page.locator(`input[type=radio][name="${name}"]:checked`))
      await turn('ArrowRight', target, () => target.isChecked())
    },
    async choose(button, option) {
      await reach(button)
      await page.keyboard.press('Enter')
      const optionItem = choice(page, option)
      await optionItem.waitFor()
      // Either the item has the focus, or the focused element marks it with aria-activedescendant.
      const isMarked = async () => {
        const id = await focused.getAttribute('aria-activedescendant')
        const marked = id === null ? focused : page.locator(`[id="${id}"]`)
        return (await optionItem.and(marked).or(optionItem.locator(marked)).count()) > 0
      }
      await turn('ArrowDown', optionItem, isMarked)
      await page.keyboard.press('Enter')
    },
    chooseFile: (_, path) =>
      answerChooser(page, path, async () => {
        await reach(page.locator('input[type=file]').first())
        await page.keyboard.press('Enter')
      }),
  }
}
