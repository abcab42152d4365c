import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { baseImages } from "../../deploy/image/local-bases.ts";
import { debianComponents, goComponents, npmComponents } from "../../deploy/image/sbom.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dockerfile = readFileSync(path.join(root, "Dockerfile"), "utf8");
const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));

describe("the Dockerfile", () => {
  test("stands on three images, which local-bases.ts knows how to make", () => {
    expect(baseImages(dockerfile)).toEqual(["golang:1.26-bookworm", "node:24-bookworm-slim", "debian:bookworm-slim"]);
  });

  test("installs what the lock says and runs nobody's install scripts", () => {
    expect(dockerfile).toContain("npm ci --ignore-scripts");
    expect(dockerfile).not.toMatch(/npm (install|i) /);
  });

  test("ends as a user with a number, for runAsNonRoot, and without a shell", () => {
    expect(last).toMatch(/^USER 65532:65532$/m);
    expect(last).toMatch(/^ENTRYPOINT \["\/usr\/local\/bin\/node"/m);
    expect(last).not.toMatch(/^RUN /m);
  });

  test("copies from the context only what the ignore file lets through", () => {
    const allowed = readFileSync(path.join(root, "Dockerfile.dockerignore"), "utf8").split("\n");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) =>
      files.split(" "),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((file) => !allowed.includes(`!${file.replace(/^\.\//, "")}`))).toEqual([]);
  });
});

describe("the bill of materials", () => {
  test("npm: what ships, scoped names escaped", () => {
    const packages = {
      "": { version: "0.1.0" },
      "node_modules/@a/b": { version: "1.0.0" },
      "node_modules/c/node_modules/d": { version: "2.0.0" },
      "node_modules/vitest": { version: "5.0.0", dev: true },
    };
    expect(npmComponents(JSON.stringify({ packages })).map(({ purl }) => purl)).toEqual([
      "pkg:npm/%40a/b@1.0.0",
      "pkg:npm/d@2.0.0",
    ]);
  });

  test("go: the main module and its dependencies", () => {
    const text =
      "/out/helm: go1.26.8\n\tpath\thelm\n\tmod\thelm.sh/helm/v4\tv4.3.1\th1:x=\n\tdep\ta.b/c\tv1.2.3\th1:y=\n\tbuild\t-trimpath=true\n";
    expect(goComponents(text).map(({ purl }) => purl)).toEqual([
      "pkg:golang/helm.sh/helm/v4@v4.3.1",
      "pkg:golang/a.b/c@v1.2.3",
    ]);
  });

  test("debian: versions with an epoch", () => {
    expect(debianComponents("git\t1:2.39.5-0\tamd64\n")[0]?.purl).toBe("pkg:deb/debian/git@1%3A2.39.5-0?arch=amd64");
  });
});
