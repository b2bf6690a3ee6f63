const { TestEnvironment } = require('jest-environment-node')

/** After the first test that fails no other is run: the mutant is noticed. Jest itself stops only between files. */
module.exports = class FirstFailure extends TestEnvironment {
  #hasFailed = false

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure') this.#hasFailed = true
    if (name === 'test_start' && this.#hasFailed) test.mode = 'skip'
  }
}
