/** What the person at the keyboard got wrong, or what cannot be reached: printed as it is, exit status 2. */
export class CliError extends Error {
  override readonly name = "CliError";
}
