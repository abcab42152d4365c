/** The person's own environment, as a child process takes it: renderers and git find their settings and credentials. */
import type { Environment } from "../../runtime/config.ts";

export function childEnvironment(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
