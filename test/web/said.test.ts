import { bot } from './support/bots.js'
import { card, PATIENCE_MS, type Person, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

const VOTERS = 16

withTeam('what is said to those who do not see it', {}, (team) => {
  /** Takes down everything that the two live regions say, from now on. */
  async function listen({ page }: Person): Promise<() => Promise<string[]>> {
    await page.evaluate(() => {
      const said: string[] = []
      Object.assign(globalThis, { said })
      for (const region of document.querySelectorAll('[role="status"], [role="alert"]')) {
        new MutationObserver(() => {
          const text = region.textContent ?? ''
          if (text !== '') said.push(text)
        }).observe(region, { childList: true, characterData: true, subtree: true })
      }
    })
    return () => page.evaluate(() => [...(globalThis as unknown as { said: string[] }).said])
  }

  /** Longer than what is gathered before it is said. */
  const pause = ({ page }: Person) => page.waitForTimeout(1_300)

  test('check 12, said once: there are two regions, one polite and one urgent, from the beginning', async () => {
    const html = await (await fetch(team.url)).text()
    expect(html.match(/role="status"/g)).toHaveLength(1)
    expect(html.match(/role="alert"/g)).toHaveLength(1)
    const ada = await team.person('Ada')
    await team.opensTable(ada)
    expect(await ada.page.locator('[role="status"]').count()).toBe(1)
    expect(await ada.page.locator('[role="alert"]').count()).toBe(1)
  })

  test('check 12, said once: a join is said once, sixteen votes in two words, the reveal once and with the result', async () => {
    const ada = await team.person('Ada')
    const link = await team.opensTable(ada)
    const heard = await listen(ada)
    const bots = [await bot(link, 'Bob')]
    await pause(ada)
    expect(await heard()).toEqual(['Bob has joined.'])
    for (let number = 2; number < VOTERS; number += 1) bots.push(await bot(link, `Bot ${number}`))
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await pause(ada)
    const before = (await heard()).length
    await card(ada, '5').click()
    await Promise.all(bots.map((one) => one.votes('5')))
    await ada.page.getByRole('button', { name: `Reveal ${VOTERS} of ${VOTERS}` }).waitFor()
    await pause(ada)
    const votes = (await heard()).slice(before)
    expect(votes.length).toBeLessThanOrEqual(2)
    expect(votes.at(-1)).toContain('Everybody has voted.')
    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    await pause(ada)
    expect((await heard()).slice(before + votes.length)).toEqual(['Revealed. All say 5.'])
  })

  test('check 12, said once: the same words are said again when the same happens again', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await team.joins(bob, await team.opensTable(ada))
    await pause(bob)
    const heard = await listen(bob)
    for (let round = 0; round < 2; round += 1) {
      await ada.page.getByRole('button', { name: 'Pause' }).click()
      await pause(bob)
      await ada.page.getByRole('button', { name: 'Go on' }).click()
      await pause(bob)
    }
    const paused = 'Paused. Cards stay where they are.'
    expect(await heard()).toEqual([paused, 'It goes on.', paused, 'It goes on.'])
  })
})
