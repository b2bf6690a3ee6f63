/** What a person or a team has typed: shown as it is, in its own direction, in two lines at most, whole in its title. */
export function Name({ text }: { readonly text: string }) {
  return (
    <bdi class="name" dir="auto" title={text}>
      {text}
    </bdi>
  )
}
