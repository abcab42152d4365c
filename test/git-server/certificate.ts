/** A certificate of its own for loopback, made with nothing but Node: X.509 in DER, signed by itself. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

export interface Certificate {
  /** PEM; it is its own authority. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : body.length < 0x100
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const time = (date: Date): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`));

const ecdsaSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = oid(0x55, 0x04, 0x03);
const alternativeNames = oid(0x55, 0x1d, 0x11);
const basicConstraints = oid(0x55, 0x1d, 0x13);

export interface CertificateOptions {
  /** DNS names, `localhost` unless told. */
  readonly names?: readonly string[];
  /** IPv4, `127.0.0.1` unless told. */
  readonly addresses?: readonly string[];
  readonly notAfter?: Date;
}

export function makeCertificate(options: CertificateOptions = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from("plumbline test")))));
  const hosts = sequence(
    ...(options.names ?? ["localhost"]).map((entry) => der(0x82, Buffer.from(entry))),
    ...(options.addresses ?? ["127.0.0.1"]).map((entry) => der(0x87, Buffer.from(entry.split(".").map(Number)))),
  );
  const yes = der(0x01, Buffer.from([0xff]));
  const extensions = sequence(
    sequence(alternativeNames, der(0x04, hosts)),
    sequence(basicConstraints, yes, der(0x04, sequence(yes))),
  );
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaSha256,
    name,
    sequence(time(new Date(now - 86_400_000)), time(options.notAfter ?? new Date(now + 86_400_000))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), signDer(body, privateKey));
  const pem = sequence(body, ecdsaSha256, signature).toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function signDer(body: Buffer, key: KeyObject): Buffer {
  return sign("sha256", body, key);
}
