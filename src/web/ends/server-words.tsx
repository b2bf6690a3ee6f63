import type { ProblemView } from '../../wire/problem.js'

/** The server's refusal and suggestions, in its own words, which are English. */
export function ServerWords({ problem }: { readonly problem: ProblemView }) {
  return (
    <div class="words" lang="en">
      <p>{problem.message}</p>
      {problem.recovery_actions.length > 0 && (
        <ul>
          {problem.recovery_actions.map((action) => (
            <li key={action}>{action}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
