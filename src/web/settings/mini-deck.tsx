import { effect } from '@preact/signals'
import { render } from 'preact'
import { openPanel, place } from '../address.js'
import { look } from '../device/preferences.js'
import { Icon } from '../parts/icon.js'
import type { Table } from '../table/table.js'
import { TableScreen } from '../table/table-screen.js'
import { language, say } from '../words/say.js'

/** About the size of a phone next to a tracker. */
const SIZE = { width: 320, height: 600 }

/** Opens a small window with the table, on top of a tracker or a call; nothing if the browser has none. */
export function MiniDeck({ table }: { readonly table: Table }) {
  if (window.documentPictureInPicture === undefined) return null
  return (
    <div class="set">
      <div>
        <p class="lb">{say('miniDeck')}</p>
        <p>{say('miniDeckNote')}</p>
      </div>
      <button class="txt" type="button" onClick={() => void openMiniDeck(table)}>
        <Icon name="share" />
        {say('miniDeckOpen')}
      </button>
    </div>
  )
}

/** Opens the window, which closes with the table: also when the session is over or the user goes elsewhere. */
async function openMiniDeck(table: Table): Promise<void> {
  const mini = await window.documentPictureInPicture?.requestWindow(SIZE).catch(() => undefined)
  if (mini === undefined) return
  openPanel(null)
  const { documentElement, head, body } = mini.document
  for (const { href } of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    const sheet = mini.document.createElement('link')
    sheet.rel = 'stylesheet'
    sheet.href = href
    head.append(sheet)
  }
  const icons = document.querySelector('.sprite')?.cloneNode(true)
  if (icons !== undefined) body.append(icons)
  const root = mini.document.createElement('div')
  body.append(root)
  render(<TableScreen table={table} keysOf={mini} isMini onSit={() => mini.close()} />, root)
  const here = place.peek()
  const stops = [
    effect(() => {
      documentElement.lang = language.value
      documentElement.dir = document.documentElement.dir
      if (look.value === 'system') delete documentElement.dataset['look']
      else documentElement.dataset['look'] = look.value
    }),
    effect(() => {
      mini.document.title = table.session.value?.name ?? ''
    }),
    effect(() => {
      if (table.ending.value !== null || place.value !== here) mini.close()
    }),
  ]
  mini.addEventListener('pagehide', () => {
    for (const stop of stops) stop()
    render(null, root)
  })
}
