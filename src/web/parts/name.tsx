/**
 * A name typed by a person or a team: shown literally, in its own direction, in at most two lines, and in
 * full in its title.
 */
export function Name({ text }: { readonly text: string }) {
  return (
    <bdi class="name" dir="auto" title={text}>
      {text}
    </bdi>
  )
}
