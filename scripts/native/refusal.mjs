/** A set-up that ends without having changed anything: a code to look for, and what to do. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message what failed, expected, found, what to do
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Run a set-up to its end: a refusal is one line, anything else keeps its stack.
 * @param {string} name of the npm script
 * @param {() => Promise<void> | void} work
 */
export async function runSetUp(name, work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Refusal ? `${name}: ${error.code}: ${error.message}` : error);
    process.exitCode = 1;
  }
}
