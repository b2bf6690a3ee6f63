import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { copyText } from '../device/clipboard.js'
import { Icon } from '../parts/icon.js'
import { PanelPage } from '../parts/panel-page.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { inviteLink, isReachable } from './link.js'
import { QrCode } from './qr-code.js'
import { SeatMove } from './seat-move.js'

/** How long the button says "Copied". */
const COPIED_MS = 3_000

/** Invites others: a link to send, and a code for people in the room. */
export function InviteScreen({ table }: { readonly table: Table }) {
  const link = inviteLink(table.client.sessionId, table.session.value?.room ?? null)
  return (
    <PanelPage table={table} title={say('invite')} layout="invite">
      <section class="inv" aria-labelledby="invite-title">
        {isReachable(link) ? (
          <QrCode text={link} label={say('qrOf', { link })} />
        ) : (
          <p class="note">{say('localOnly')}</p>
        )}
        <div class="invw">
          <h2 id="invite-title">{say('comeHere')}</h2>
          <p class="url" dir="ltr">
            {link.replace(/^https?:\/\//, '')}
          </p>
          <p class="note">{say(table.session.value?.room == null ? 'linkNote' : 'roomNote')}</p>
          <Send link={link} name={table.session.value?.name ?? ''} />
        </div>
      </section>
      {table.seat !== null && <SeatMove table={table} />}
    </PanelPage>
  )
}

function Send({ link, name }: { readonly link: string; readonly name: string }) {
  const isCopied = useSignal(false)
  useEffect(() => {
    if (!isCopied.value) return
    const timer = setTimeout(() => {
      isCopied.value = false
    }, COPIED_MS)
    return () => clearTimeout(timer)
  }, [isCopied.value])
  const copy = async () => {
    isCopied.value = await copyText(link)
  }
  return (
    <div class="two">
      <button class="main" type="button" onClick={copy}>
        <span>{say(isCopied.value ? 'copied' : 'copyLink')}</span>
        <Icon name={isCopied.value ? 'check' : 'copy'} />
      </button>
      {'share' in navigator && (
        <button
          class="txt"
          type="button"
          onClick={() => {
            // Cancelling is not an error.
            navigator.share({ title: name, url: link }).catch(() => {})
          }}
        >
          <Icon name="share" />
          {say('share')}
        </button>
      )}
    </div>
  )
}
