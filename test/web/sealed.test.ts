import { waitUntil } from '../support/log-lines.js'
import { PATIENCE_MS, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  'ليلى حداد',
  `a${'\u0301'.repeat(12)}da`,
  'javascript:alert(1)',
]

withTeam('what people type, and what other clients send', {}, (team) => {
  test('check 3, sealed: is shown as it is, makes no element, and asks no other host for anything', async () => {
    const ada = await team.person('Ada & <b>Bob</b>')
    const title = '<svg onload=alert(1)> & "quotes"'
    const link = await team.opensTable(ada, title)
    const id = link.split('/').at(-1)
    for (const name of NAMES) {
      const response = await fetch(`${team.url}/api/sessions/${id}/join`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ user_name: name, user_avatar: 'https://elsewhere.example/picture.png' }),
      })
      expect(response.status).toBe(201)
    }
    const { page } = ada
    const people = page.getByRole('region', { name: 'At the table' })
    for (const name of [ada.name, ...NAMES])
      await people.getByText(name.normalize(), { exact: true }).waitFor()
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    expect(await page.title()).toBe(title)
    const strangers = await page.evaluate(
      () =>
        document.querySelectorAll('img, iframe, object, embed, script:not([src]), b b, [onerror], [onload]')
          .length,
    )
    expect(strangers).toBe(0)

    // Also for somebody who looks before sitting down, and in the list of tables.
    const guest = await team.person('Guest')
    await guest.page.goto(link)
    await guest.page.getByRole('heading', { name: title }).waitFor()
    await guest.page.goto(team.url)
    await guest.page.getByRole('link', { name: title }).waitFor()
  })

  test('check 3, sealed: the policy has no exception and names no host', async () => {
    for (const path of ['/', '/s/any', '/r/any']) {
      const { headers } = await fetch(team.url + path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'none'; /)
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toMatch(/unsafe|[*]|:|\w\.\w/)
    }
  })

  test('check 3, sealed: nothing can become a script, not even through the page itself', async () => {
    const ada = await team.person('Ada')
    await ada.page.goto(team.url)
    const refused = await ada.page.evaluate(() => {
      const attempts = [
        () => {
          document.body.innerHTML = '<b></b>'
        },
        () => {
          document.createElement('script').src = '/sw.js'
        },
        () => new Worker('/sw.js'),
      ]
      return attempts.filter((attempt) => {
        try {
          attempt()
          return false
        } catch {
          return true
        }
      }).length
    })
    expect(refused).toBe(3)
    // The browser reports each, and the page is not at fault.
    const told = () => team.faults.filter((fault) => fault.includes('blocked trusted-types-sink'))
    await waitUntil(() => told().length === 3)
    team.forgetFaults()
    await ada.context.close()
  })
})
