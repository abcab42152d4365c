/** X.509 certificates for tests: an authority, and clients it vouches for. As much DER as that takes, and no more. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

export interface Authority extends Certificate {
  /** For the user of that name, in that group. */
  issue(name: string, group: string): Certificate;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
/** basicConstraints, critical: an authority. */
const isAuthority = sequence(
  oid("551d13"),
  der(0x01, Buffer.from([0xff])),
  der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
);

function subject(name: string, group?: string): Buffer {
  const part = (type: string, value: string): Buffer => der(0x31, sequence(oid(type), utf8(value)));
  return sequence(...(group === undefined ? [] : [part("55040a", group)]), part("550403", name));
}

/** `260101000000Z`. */
function utcTime(at: number): Buffer {
  const text = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(text.slice(2)));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

let serial = 1;

function certify(
  issuer: Buffer,
  by: KeyObject,
  whom: Buffer,
  publicKey: KeyObject,
  extensions: readonly Buffer[],
): string {
  const now = Date.now();
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ecdsaWithSha256,
    issuer,
    sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000)),
    whom,
    publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, by));
  return pem("CERTIFICATE", sequence(body, ecdsaWithSha256, signature));
}

function keyPair() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "sec1", format: "pem" }) as string;
}

export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = keyPair();
  const self = subject(name);
  return {
    certificate: certify(self, privateKey, self, publicKey, [isAuthority]),
    key: pemOf(privateKey),
    issue(user, group) {
      const client = keyPair();
      const certificate = certify(self, privateKey, subject(user, group), client.publicKey, []);
      return { certificate, key: pemOf(client.privateKey) };
    },
  };
}
