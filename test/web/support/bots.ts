/** Somebody at a table without a browser. */
export interface Bot {
  readonly name: string
  readonly userId: string
  votes(card: string): Promise<void>
}

/** Takes a seat over the API alone, at the table that a link leads to. */
export async function bot(link: string, name: string, avatar = 'owl'): Promise<Bot> {
  const api = link.replace('/s/', '/api/sessions/')
  const { user_id, user_token } = await post(`${api}/join`, { user_name: name, user_avatar: avatar })
  return {
    name,
    userId: user_id,
    votes: async (vote) => {
      await post(`${api}/vote`, { vote }, user_token)
    },
  }
}

async function post(url: string, body: object, token?: string) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
