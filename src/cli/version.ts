/** Which Plumbline this is. */
import { readFileSync } from "node:fs";

/** From the package file, which the bundle and the image carry along. */
export function readVersion(): string {
  for (const place of ["../../package.json", "../package.json", "package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (name === "plumbline" && version !== undefined) return version;
    } catch {
      // The next place.
    }
  }
  return "0.0.0-unknown";
}
