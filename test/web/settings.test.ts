import { waitUntil } from '../support/log-lines.js'
import { hold } from './support/hold.js'
import { PATIENCE_MS, type Person, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('the settings of a table', {}, (team) => {
  /** Somebody leads a table and looks at its settings. */
  async function leader() {
    const ada = await team.person('Ada')
    const link = await team.opensTable(ada)
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    const automatic = ada.page.getByRole('switch', { name: 'Reveal when all have voted' })
    await automatic.waitFor()
    return { ada, link, automatic }
  }

  /** What the server was asked for and answered, in its order. */
  function answersTo({ page }: Person): unknown[] {
    const answers: unknown[] = []
    page.on('response', (response) => {
      const request = response.request()
      if (request.method() === 'PATCH') answers.push([response.status(), request.postDataJSON()])
    })
    return answers
  }

  test('end up as the last ones chosen, however fast they are chosen and bad the line', async () => {
    const { ada, automatic } = await leader()
    const { sent, letPass, lose } = await hold(ada, '**/settings', 'PATCH')
    const answers = answersTo(ada)
    const limit = ada.page.getByRole('group', { name: 'Time limit' })
    await limit.getByRole('radio', { name: '1 min' }).click()
    await waitUntil(() => sent.length === 1)
    await limit.getByRole('radio', { name: '5 min' }).click()
    await automatic.click()
    await ada.page.locator('#auto-reveal:checked').waitFor()
    await automatic.click()
    await lose()
    await letPass()
    await letPass()
    await waitUntil(() => answers.length === 2)
    expect(answers).toEqual([
      [200, { round_seconds: 60 }],
      [200, { round_seconds: 300, auto_reveal: false }],
    ])
    expect(sent).toHaveLength(3)
    await limit.locator('[value="300"]:checked').waitFor()
    expect(await automatic.isChecked()).toBe(false)
  })

  test('show what is wanted while it is under way, whatever else happens', async () => {
    const { ada, link, automatic } = await leader()
    const { letPass } = await hold(ada, '**/settings', 'PATCH')
    await automatic.click()
    await team.joins(await team.person('Bob'), link)
    await ada.page.getByRole('button', { name: 'Remove Bob' }).waitFor()
    expect(await automatic.isChecked()).toBe(true)
    expect(await automatic.getAttribute('aria-checked')).toBe('true')
    // Also when the panel was closed meanwhile.
    await ada.page.getByRole('link', { name: 'Back to the table' }).click()
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.locator('#auto-reveal:checked').waitFor()
    const answers = answersTo(ada)
    await letPass()
    await waitUntil(() => answers.length === 1)
    expect(await automatic.isChecked()).toBe(true)
  })

  test('take back what was refused and say so, and still become what was wanted after it', async () => {
    const { ada, automatic } = await leader()
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/settings', 'PATCH')
    const anonymous = page.getByRole('switch', { name: 'Without names' })
    await anonymous.click()
    await waitUntil(() => sent.length === 1)
    await automatic.click()
    await startRound(ada)
    await page.locator('#anonymous:disabled').waitFor()
    const answers = answersTo(ada)
    await letPass()
    await letPass()
    await waitUntil(() => answers.length === 2)
    expect(answers).toEqual([
      [409, { anonymous_votes: true }],
      [200, { auto_reveal: true }],
    ])
    await page.locator('.refusal').waitFor()
    expect(await anonymous.isChecked()).toBe(false)
    expect(await automatic.isChecked()).toBe(true)
  })
})

/** Starts a round over the API alone, as the leader may on another device. */
async function startRound({ page }: Person): Promise<void> {
  await page.evaluate(async () => {
    const [{ sessionId, userToken }] = JSON.parse(localStorage.getItem('magnapp.seats') ?? '[{}]')
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${userToken}` }
    await fetch(`/api/sessions/${sessionId}/start`, { method: 'POST', headers, body: '{}' })
  })
}
