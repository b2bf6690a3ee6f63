import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBuiltServer } from '../support/built-server.js'
import { startProxy } from '../support/proxy.js'
import { card, onScreen, ownAddresses, PATIENCE_MS, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

const DIST = join(__dirname, '../../dist')

withTeam('the page as an installed app', { HOST: '0.0.0.0' }, (team) => {
  test('check 15, shell: opens without a network, says so, and asks the API past its worker', async () => {
    const ada = await team.person('Ada')
    await team.opensTable(ada)
    await ada.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
    await ada.page.reload()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await ada.page.goto(team.url)
    await ada.page.getByRole('button', { name: 'Open the table' }).waitFor()
    // An answer has an entry once it has fully arrived, which may be after the page.
    await ada.page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name }) => new URL(name).pathname.startsWith('/api/')),
    )
    // A static route of the worker sends the API to the network without waking it; then the moment at which
    // the worker would have started is the one at which the route was evaluated.
    const ways = await ada.page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.startsWith('/api/'))
        .map((entry): Record<string, unknown> => entry.toJSON())
        .map(({ workerStart, workerRouterEvaluationStart, workerFinalSourceType }) =>
          workerStart === 0
            ? 'network'
            : [workerStart === workerRouterEvaluationStart, workerFinalSourceType].join(),
        ),
    )
    expect(ways.length).toBeGreaterThan(0)
    expect(new Set(ways)).toEqual(new Set(['true,network']))
    await ada.context.setOffline(true)
    await ada.page.reload()
    await onScreen(ada, 'The server cannot be reached just now.').waitFor()
    await ada.context.setOffline(false)
  })

  test('check 15, shell: opens without a network after a single visit', async () => {
    const ada = await team.person('Ada')
    await ada.page.goto(team.url)
    await ada.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
    await ada.context.setOffline(true)
    await ada.page.reload()
    await onScreen(ada, 'The server cannot be reached just now.').waitFor()
    await ada.context.setOffline(false)
  })

  test('check 15, shell: runs the new version after a deploy, and finishes its round in the old one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'magnapp-deploy-'))
    const ada = await team.person('Ada')
    try {
      // Two builds that differ in their file names; a proxy is the address that stays.
      const next = anotherBuild(folder)
      const old = await startBuiltServer({ MAX_SESSIONS: '10' })
      const proxy = await startProxy(old.url)
      await ada.page.goto(proxy.url)
      await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
      await ada.page.getByRole('textbox', { name: 'Name of the table' }).fill('Sprint 42')
      await ada.page.getByRole('button', { name: 'Open the table' }).click()
      await ada.page.getByRole('button', { name: 'Start the round' }).click()
      await ada.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
      const failed: string[] = []
      const loads: string[] = []
      ada.page.on('response', (response) => {
        const { pathname } = new URL(response.url())
        if (pathname.startsWith('/assets/') && !response.ok()) failed.push(pathname)
      })
      ada.page.on('framenavigated', (frame) => loads.push(frame.url()))
      const deployed = await startBuiltServer({ MAX_SESSIONS: '10' }, [], next)
      proxy.target = deployed.url
      proxy.cut()
      // What is needed only later is there already.
      await ada.page.getByRole('link', { name: 'Invite' }).click()
      await ada.page.getByRole('heading', { level: 1, name: 'Invite' }).waitFor()
      expect(failed).toEqual([])
      expect(loads.filter((url) => !url.includes('#'))).toEqual([])
      await ada.page.goto(proxy.url)
      await ada.page.getByRole('button', { name: 'Open the table' }).waitFor()
      const script = () =>
        ada.page.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src)
      expect(await script()).toMatch(/\/assets\/next-/)
      // And later without a network, although the old version's files are still kept.
      await ada.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        await registration.update()
        const { installing, waiting, active } = registration
        const newest = installing ?? waiting ?? active
        while (newest !== null && newest.state !== 'activated') {
          await new Promise((resolve) => newest.addEventListener('statechange', resolve, { once: true }))
        }
      })
      await ada.context.setOffline(true)
      await ada.page.reload()
      await onScreen(ada, 'The server cannot be reached just now.').waitFor()
      expect(await script()).toMatch(/\/assets\/next-/)
      await Promise.all([old.stop('SIGKILL'), deployed.stop('SIGKILL'), proxy.close()])
    } finally {
      await ada.context.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('check 15, shell: a part that does not load leaves people at the table, and says so', async () => {
    const ada = await team.person('Ada')
    const link = await team.opensTable(ada)
    await ada.page.route('**/assets/beside-*.js', (route) => route.abort())
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await onScreen(ada, 'This part of the page could not be loaded.').waitFor()
    expect(ada.page.url()).toBe(link)
    await ada.page.unroute('**/assets/beside-*.js')
    await ada.page.getByRole('button', { name: 'Reload' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  })

  test('check 15, LAN: works at the machine’s address in its network, where browsers offer less', async () => {
    const [address] = ownAddresses()
    // Without a network, a machine has no such address.
    if (address === undefined) return
    const url = team.url.replace('127.0.0.1', address)
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const before = team.url
    team.url = url
    const link = await team.opensTable(ada)
    team.url = before
    expect(await ada.page.evaluate(() => isSecureContext)).toBe(false)
    await team.joins(bob, link)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(bob, '5').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await ada.page.getByRole('link', { name: 'Invite' }).click()
    await ada.page.getByRole('img', { name: `QR code: ${link}` }).waitFor()
    await ada.page.getByRole('button', { name: 'Copy link' }).click()
    await ada.page.getByRole('button', { name: 'Copied' }).waitFor()
    await ada.page.getByRole('link', { name: 'Back to the table' }).click()
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await onScreen(ada, /^This address is not encrypted/).waitFor()
    // Whoever opens it as localhost is given the address that a phone can follow.
    const local = await team.person('Cem')
    await local.page.goto(link.replace(address, 'localhost'))
    await local.page.getByRole('button', { name: 'Just watch' }).click()
    await local.page.getByRole('link', { name: 'Invite' }).click()
    const code = await local.page.getByRole('img').getAttribute('aria-label')
    expect(code).not.toMatch(/localhost|127\.0/)
  })

  /** A build whose script has a different name, as after any change to it. */
  function anotherBuild(folder: string): string {
    cpSync(DIST, join(folder, 'dist'), { recursive: true })
    symlinkSync(join(DIST, '../node_modules'), join(folder, 'node_modules'))
    cpSync(join(DIST, '../package.json'), join(folder, 'package.json'))
    const web = join(folder, 'dist/web')
    const script = readdirSync(join(web, 'assets')).find((name) => /^page-.*\.js$/.test(name)) ?? ''
    const renamed = `next-${script.slice('page-'.length)}`
    for (const ending of ['', '.br', '.gz']) {
      renameSync(join(web, 'assets', script + ending), join(web, 'assets', renamed + ending))
    }
    for (const name of ['index.html', 'sw.js']) {
      const text = readFileSync(join(web, name), 'utf8').replaceAll(script, renamed)
      writeFileSync(join(web, name), name === 'sw.js' ? text.replace(/page-\$\{"(.)/, 'page-${"f$1') : text)
      for (const ending of ['.br', '.gz']) rmSync(join(web, name + ending))
    }
    return join(folder, 'dist/magnapp.cjs')
  }
})
