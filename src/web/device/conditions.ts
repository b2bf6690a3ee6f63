import type { PhoneConditions } from '../../client/client.js'
import type { Table } from '../table/table.js'

/** Reported again only when the battery passes one of these: the server decides by 50, 30 and 20 percent. */
const STEPS_PERCENT = [20, 30, 50]

/**
 * Reports a phone's conditions to the server, which then adapts: fewer heartbeats, batched events. A desktop
 * computer reports nothing and is not adapted to.
 * @returns stops it
 */
export function tellConditions(table: Table): () => void {
  const network = navigator.connection
  let battery: Battery | null = null
  let told = ''
  let isOver = false
  const tell = async () => {
    const conditions = conditionsOf(battery, network)
    const text = JSON.stringify({ ...conditions, batteryPercent: stepOf(conditions.batteryPercent) })
    if (isOver || text === told || !isPhone() || table.ownId === null) return
    told = text
    await table.client.commands.optimize(conditions).catch(() => {
      told = ''
    })
  }
  network?.addEventListener('change', tell)
  navigator.getBattery?.().then(
    (found) => {
      battery = found
      battery.addEventListener('levelchange', tell)
      void tell()
    },
    () => void tell(),
  )
  if (navigator.getBattery === undefined) void tell()
  return () => {
    isOver = true
    network?.removeEventListener('change', tell)
    battery?.removeEventListener('levelchange', tell)
  }
}

function conditionsOf(battery: Battery | null, network: NetworkInformation | undefined): PhoneConditions {
  return {
    ...(battery === null ? {} : { batteryPercent: Math.round(battery.level * 100) }),
    ...(network?.effectiveType === undefined ? {} : { networkType: network.effectiveType }),
  }
}

function stepOf(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : STEPS_PERCENT.filter((step) => percent > step).length
}

function isPhone(): boolean {
  return matchMedia('(pointer: coarse)').matches
}
