import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { SessionView } from '../../client/client.js'
import { isBesideMissing } from '../beside.js'
import { isOutdated } from '../device/worker.js'
import { Gauge } from '../parts/gauge.js'
import { Icon, type IconName } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { clockText, serverNow, useTimeLeft, useTimeSince } from '../server-clock.js'
import { Undoing } from '../settings/undoing.js'
import { Say, say } from '../words/say.js'
import type { Expiring } from './news.js'
import type { Table } from './table.js'
import { nextLeader, personOf, phaseOf } from './view.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
/** A notice that nobody dismisses disappears after this time. */
const READ_MS = 20_000

/**
 * The one line for unusual events. It lies over free space on the stage, so nothing moves when it appears or
 * disappears, and nothing is covered.
 */
export function Notices({ table }: { readonly table: Table }) {
  const notice = noticeOf(table)
  return <div class={notice === null ? 'notices' : 'notices notices--on'}>{notice}</div>
}

/** One notice at a time, the most urgent first. */
function noticeOf(table: Table): ComponentChildren {
  const { line, moves, news } = table
  const session = table.session.value
  if (session === null) {
    return table.failure.value === null ? null : <Line icon="cut">{say('notReachedYet')}</Line>
  }
  if (line.cutAt.value !== null) return <CutOff table={table} since={line.cutAt.value} />
  if (moves.undo.pending.value !== null) return <Pending table={table} />
  if (moves.refusal.value !== null) {
    const { problem } = moves.refusal.value
    const text = problem?.message ?? say('noAnswer')
    return <Told icon="close" text={text} isServers={problem !== null} about={moves.refusal} />
  }
  if (table.withdrawn.value !== null)
    return <Told icon="close" text={table.withdrawn.value} about={table.withdrawn} />
  if (session.status === 'grace_period' && session.grace_period_expires !== null) {
    return <Grace table={table} expires={session.grace_period_expires} start={session.grace_period_start} />
  }
  if (news.expiring.value !== null && !news.expiring.value.isPutOff) {
    return <Expires table={table} expiring={news.expiring.value} />
  }
  if (news.askedBy.value !== null && table.own.value.card === null)
    return <Asked table={table} session={session} />
  if (news.leadsNow.value) return <LeadsNow table={table} />
  if (news.trouble.value !== null)
    return <Told icon="close" text={news.trouble.value} isServers about={news.trouble} />
  if (line.missed.value !== null) return <Told icon="check" text={line.missed.value} about={line.missed} />
  if (session.status === 'paused') return <Line icon="pause">{say('pausedNow')}</Line>
  if (news.isTimeUp.value && session.status === 'voting') return <Line icon="bell">{say('timeIsUp')}</Line>
  if (isBesideMissing.value) return <Reload text={say('notLoaded')} />
  if (isOutdated.value && phaseOf(session) !== 'voting') return <Reload text={say('newVersion')} />
  return null
}

/** A notice of one sentence. */
export function Line({ icon, children }: { readonly icon: IconName; readonly children: ComponentChildren }) {
  return (
    <div class="notice">
      <Icon name={icon} />
      <p>{children}</p>
    </div>
  )
}

function CutOff({ table, since }: { readonly table: Table; readonly since: number }) {
  const goneMs = useTimeSince(new Date(serverNow() - (performance.now() - since)).toISOString())
  return (
    <div class="notice notice--cut">
      <Icon name="cut" />
      <p>
        <b>{say('noConnection', { count: Math.round(goneMs / SECOND_MS) })}</b> {say('tableAsKnown')}
      </p>
      <button class="txt" type="button" onClick={() => table.client.wake()}>
        {say('tryNow')}
      </button>
    </div>
  )
}

interface GraceProps {
  readonly table: Table
  readonly expires: string
  readonly start: string | null
}

function Grace({ table, expires, start }: GraceProps) {
  const leftMs = useTimeLeft(expires)
  const session = table.session.value
  if (session === null) return null
  const awaited = personOf(session, session.scrum_master_id)
  const next = nextLeader(session)
  const wholeMs = start === null ? leftMs : Date.parse(expires) - Date.parse(start)
  const minutes = Math.max(1, Math.round(wholeMs / MINUTE_MS))
  return (
    <div class="notice notice--grace">
      <p class="count">{clockText(leftMs)}</p>
      <p class="gracew">
        <b>
          <Say text="waitingForLeader" name={awaited === null ? '' : <Name text={awaited.name} />} />
        </b>{' '}
        {next !== null && next.id === table.ownId && say('thenYouLead')}
        {next !== null && next.id !== table.ownId && (
          <Say text="thenLeads" name={<Name text={next.name} />} />
        )}{' '}
        {say('nothingIsLost')}
      </p>
      <Gauge share={wholeMs === 0 ? 0 : leftMs / wholeMs} steps={minutes * 6} longEvery={6} />
    </div>
  )
}

function Expires({
  table,
  expiring: { at, reason },
}: {
  readonly table: Table
  readonly expiring: Expiring
}) {
  const leftMs = useTimeLeft(at)
  const isFinal = reason === 'life_over'
  return (
    <div class="notice">
      <Icon name="door" />
      <p>{say(isFinal ? 'lifeOverIn' : 'expiresIn', { time: clockText(leftMs) })}</p>
      {!isFinal && table.permissions.value.canExtend && (
        <button class="txt" type="button" onClick={() => table.moves.extend()}>
          {say('stayOpen')}
        </button>
      )}
    </div>
  )
}

function LeadsNow({ table }: { readonly table: Table }) {
  return (
    <div class="notice">
      <Icon name="flag" />
      <p>
        <b>{say('youLeadNow')}</b> {say('youLeadNote')}
      </p>
      <Dismiss
        onPress={() => {
          table.news.leadsNow.value = false
        }}
      />
    </div>
  )
}

function Asked({ table, session }: { readonly table: Table; readonly session: SessionView }) {
  const by = personOf(session, table.news.askedBy.value)
  return (
    <Line icon="bell">
      <b>
        <Say text="asksForCard" name={by === null ? say('somebody') : <Name text={by.name} />} />
      </b>
    </Line>
  )
}

interface ToldProps {
  readonly icon: IconName
  readonly text: string
  /** The server's own words, which are English. */
  readonly isServers?: boolean
  /** The subject, which is cleared when it has been read, or after a while. */
  readonly about: Signal<unknown>
}

function Told({ icon, text, isServers = false, about }: ToldProps) {
  const dismiss = () => {
    about.value = null
  }
  useEffect(() => {
    const timer = setTimeout(dismiss, READ_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div class="notice">
      <Icon name={icon} />
      <p lang={isServers ? 'en' : undefined}>{text}</p>
      <Dismiss onPress={dismiss} />
    </div>
  )
}

function Pending({ table }: { readonly table: Table }) {
  return (
    <div class="notice">
      <Icon name="door" />
      <Undoing table={table} />
    </div>
  )
}

/** Never reloads automatically, so that nobody is interrupted. */
function Reload({ text }: { readonly text: string }) {
  return (
    <div class="notice">
      <Icon name="share" />
      <p>{text}</p>
      <button class="txt" type="button" onClick={() => location.reload()}>
        {say('reload')}
      </button>
    </div>
  )
}

function Dismiss({ onPress }: { readonly onPress: () => void }) {
  return (
    <button class="txt" type="button" onClick={onPress}>
      {say('understood')}
    </button>
  )
}
