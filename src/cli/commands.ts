/** What a command is given: its words, and the options that it takes. */
export interface CommandInput {
  readonly words: readonly string[]
  readonly url?: string | undefined
  readonly token?: string | undefined
}

export interface Command {
  /** The words after the name, in capitals; those in brackets are optional. */
  readonly words: readonly string[]
  readonly options: readonly ('url' | 'token')[]
  readonly summary: string
  /** @returns the exit code; nothing if the process keeps running, or exits with 0 by itself */
  readonly run: (input: CommandInput) => Promise<number | undefined>
}

/**
 * Every command. Each loads its module only when it runs, so that none pays for another: the server
 * starts without the client, a health check without Express.
 */
export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    words: [],
    options: [],
    summary: 'start the server (the default command)',
    run: async () => {
      const { serve } = await import('../server.js')
      await serve()
      return undefined
    },
  },
  demo: {
    words: [],
    options: ['url'],
    summary: 'sixteen people play three rounds, on a temporary server or a running one',
    run: async ({ url }) => (await import('./demo.js')).runDemo(url),
  },
  watch: {
    words: ['SESSION'],
    options: ['url', 'token'],
    summary: 'follow a session, by its id or its join URL, until it ends',
    run: async ({ words: [session = ''], url, token }) =>
      (await import('./watch.js')).watch({ session, url, token }),
  },
  health: {
    words: [],
    options: ['url'],
    summary: 'check whether a server, by default the one this environment describes, works and is ready',
    run: async ({ url }) => (await import('./health.js')).health(url),
  },
  diagrams: {
    words: ['[FOLDER]'],
    options: [],
    summary: 'write the statecharts as Mermaid, SVG and JSON; FOLDER is ./statecharts by default',
    run: async ({ words: [folder] }) => (await import('./diagrams.js')).writeDiagrams(folder),
  },
}
