/** What we call ourselves, as client-go does it, so that whoever matches or counts by user agent can name us. Pure. */

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** `plumbline/1.0.0 (linux/amd64)`. Up to the slash it is what the API server takes for an unnamed field manager. */
export function userAgentOf(version: string): string {
  return `plumbline/${version} (${process.platform}/${architectures[process.arch] ?? process.arch})`;
}
