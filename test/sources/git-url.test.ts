import { describe, expect, test } from "vitest";
import { refusedAddress, refusedRanges, resolveAddresses } from "../../src/sources/git-address.ts";
import { parseGitUrl, type GitUrl } from "../../src/sources/git-url.ts";

describe("allowed URLs", () => {
  test.each<[string, Partial<GitUrl>]>([
    [
      "https://git.example/shop.git",
      { transport: "https", host: "git.example", port: 443, origin: "https://git.example" },
    ],
    ["https://git.example:8443/a/b", { port: 8443, origin: "https://git.example:8443" }],
    ["https://Git.Example/shop", { host: "git.example" }],
    ["https://10.0.0.1/shop", { host: "10.0.0.1" }],
    ["https://[2001:db8::1]:8443/shop", { host: "2001:db8::1" }],
    ["ssh://git@git.example:2222/shop.git", { transport: "ssh", host: "git.example", port: 2222 }],
    ["ssh://git.example/~ada/shop.git", { transport: "ssh" }],
    ["git@git.example:platform/shop.git", { transport: "ssh", host: "git.example", port: 22 }],
    ["git.example:shop.git", { transport: "ssh" }],
  ])("%s", (text, expected) => {
    expect(parseGitUrl(text, false)).toMatchObject({ url: text, ...expected });
  });

  test.each([["file:///srv/shop.git"], ["/srv/shop.git"], ["./shop.git"], ["../shop.git"]])(
    "%s only where files are allowed (1A-4)",
    (text) => {
      expect(parseGitUrl(text, true)).toMatchObject({ transport: "file" });
      expect(parseGitUrl(text, false)).toMatchObject({ code: "source-url-refused" });
    },
  );
});

describe("refused URLs, whatever is allowed", () => {
  test.each([
    ["--upload-pack=touch /tmp/p", "1A-1"],
    ["-c", "1A-1"],
    ["ssh://-oProxyCommand=x/shop", "1A-1"],
    ["ssh://-oProxyCommand=x@h/shop", "1A-1"],
    ["-oProxyCommand=x:shop", "1A-1"],
    ["git@-oProxyCommand:shop", "1A-1"],
    ["git@h:-x", "1A-1"],
    ["ext::sh -c touch% /tmp/p", "1A-2"],
    ["eXt::sh", "1A-2"],
    ["fd::3", "1A-2"],
    ["ext%3A%3Ash", "1A-2"],
    ["https://h%0ahost=evil/", "1A-9"],
    ["https://h/a%0d%0ab", "1A-9"],
    ["https://h/a\nb", "1A-9"],
    ["https://u:CANARY@h/x.git", "1A-10"],
    ["https://CANARY@h/x.git", "1A-10"],
    ["ssh://u:CANARY@h/x.git", "1A-10"],
    ["https://h/x.git?token=CANARY", "1A-10"],
    ["http://git.example/shop.git", "transport"],
    ["git://git.example/shop.git", "transport"],
    ["ftp://git.example/shop.git", "transport"],

    ["https://0x7f.1/shop", "odd address"],
    ["https://2130706433/shop", "odd address"],
    ["https://h\\@evil/shop", "backslash"],
    ["https://exa%6dple/shop", "encoded host"],
    ["https://h%/x", "broken encoding"],
    ["", "empty"],
    [" ", "white space"],
    [`https://h/${"x".repeat(3000)}`, "long"],
  ])("%j (%s)", (text) => {
    const answer = parseGitUrl(text, false);
    expect(answer).toMatchObject({ code: "source-url-refused" });
    expect(JSON.stringify(answer)).not.toContain("CANARY");
  });

  test.each([["ext::sh -c x"], ["-c"], ["http://h/x"]])("%j also where files are allowed", (text) => {
    expect(parseGitUrl(text, true)).toMatchObject({ code: "source-url-refused" });
  });
});

describe("addresses (1G-82)", () => {
  test.each([
    ["127.0.0.1", "loopback"],
    ["127.9.9.9", "loopback"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["::", "unspecified"],
    ["169.254.169.254", "linkLocal"],
    ["::ffff:169.254.169.254", "linkLocal"],
    ["fe80::1", "linkLocal"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["10.96.0.1", "the API server"],
    ["::ffff:10.96.0.1", "the API server"],
    ["fd00:0:0::1", "the API server"],
    ["nonsense", "what is no address"],
  ])("%s is refused: %s", (address, why) => {
    expect(refusedAddress(address, ["10.96.0.1", "fd00::1"])).toBe(refusedRanges.get(why) ?? why);
  });

  test.each([["10.0.0.7"], ["192.168.1.1"], ["93.184.216.34"], ["2001:4860::1"]])("%s may be used", (address) => {
    expect(refusedAddress(address, ["10.96.0.1"])).toBeUndefined();
  });

  const url = (text: string): GitUrl => {
    const parsed = parseGitUrl(text, false);
    if ("code" in parsed) throw new Error(parsed.message);
    return parsed;
  };

  test("a name that resolves to loopback is refused, unless its host is allowed", async () => {
    const found = url("https://localhost:8443/x");
    expect(await resolveAddresses(found, [], [])).toMatchObject({ code: "source-url-refused" });
    expect(await resolveAddresses(found, ["localhost:1"], [])).toMatchObject({ code: "source-url-refused" });
    expect(await resolveAddresses(found, ["localhost:8443"], [])).toContain("127.0.0.1");
    expect(await resolveAddresses(found, ["localhost"], [])).toContain("127.0.0.1");
  });
});
