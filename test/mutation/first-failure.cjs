const { TestEnvironment } = require('jest-environment-node')

/** Runs no test after the first failure, which detects the mutant. Jest itself stops only between files. */
module.exports = class FirstFailure extends TestEnvironment {
  #hasFailed = false

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure') this.#hasFailed = true
    if (name === 'test_start' && this.#hasFailed) test.mode = 'skip'
  }
}
