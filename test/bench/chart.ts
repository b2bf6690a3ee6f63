import { medianOf, ratioOf, type Sample } from './report.js'
import type { ServerName } from './servers.js'

const FIGURE = 'cpuUsPerEvent'
const BAR_HEIGHT = 14
const GAP = 22
const LABEL_WIDTH = 120
const BARS_WIDTH = 440
const TEXT_WIDTH = 140
const MARGIN = 12
const COLOURS: Readonly<Record<ServerName, string>> = {
  bare: '#8a8f98',
  straight: '#b9bec7',
  magnapp: '#2f6fdb',
  'magnapp-tuned': '#7ea6ea',
  'redis-1': '#c0392b',
  'redis-2': '#cd6155',
  'redis-2-spread': '#d98880',
  'redis-3': '#e6b0aa',
  'redis-3-spread': '#f2d7d5',
  'better-sse': '#d98b2b',
  'socket.io': '#3f9b6c',
  polling: '#a65d9c',
}

/** CPU time per delivered event in each scenario under load, with a bar for each server. */
export function chartOf(samples: readonly Sample[]): string {
  const loaded = samples.filter(({ figures }) => figures[FIGURE] !== undefined)
  const scenarios = [...new Set(loaded.map(({ scenario }) => scenario))]
  const longest = Math.max(...loaded.map(({ figures }) => figures[FIGURE] ?? 0))
  let y = MARGIN + BAR_HEIGHT
  const rows = [line(MARGIN, y, 'CPU µs of the server per delivered event, median; × bare in the same run')]
  y += GAP
  for (const scenario of scenarios) {
    const own = loaded.filter((sample) => sample.scenario === scenario)
    rows.push(line(MARGIN, y, scenario, 'font-weight="bold"'))
    for (const server of new Set(own.map((sample) => sample.server))) {
      y += BAR_HEIGHT + 4
      rows.push(bar(server, own, { y, longest }))
    }
    y += GAP
  }
  const width = MARGIN + LABEL_WIDTH + BARS_WIDTH + TEXT_WIDTH
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...rows,
    '</svg>\n',
  ].join('\n')
}

function bar(server: ServerName, own: readonly Sample[], at: { y: number; longest: number }): string {
  const us = medianOf(own, server, FIGURE)
  const width = (us / at.longest) * BARS_WIDTH
  const x = MARGIN + LABEL_WIDTH
  return [
    line(MARGIN + 12, at.y, server),
    `<rect x="${x}" y="${at.y - BAR_HEIGHT + 4}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${COLOURS[server]}"/>`,
    line(x + width + 6, at.y, `${us.toFixed(1)}  (× ${ratioOf(own, server, FIGURE).toFixed(2)})`),
  ].join('\n')
}

function line(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${text}</text>`
}
