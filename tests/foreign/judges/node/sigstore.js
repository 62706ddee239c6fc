// Reads a JSON question from standard input; says what @sigstore/verify makes of envelope, checkpoint and inclusion.
"use strict";

const fs = require("node:fs");
const crypto = require("node:crypto");
const path = require("node:path");

const modules = path.join(process.argv[2], "node_modules");
const sigstore = path.join(modules, "@sigstore", "verify", "dist");
const { Verifier, toSignedEntity } = require(sigstore);
const { verifyCheckpoint } = require(path.join(sigstore, "timestamp", "checkpoint.js"));
const { verifyMerkleInclusion } = require(path.join(sigstore, "timestamp", "merkle.js"));

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64");

function says(check) {
  try {
    check();
    return "yes";
  } catch (error) {
    return error.code || String(error);
  }
}

function envelope() {
  const found = JSON.parse(bytes(asked.envelope).toString("utf8"));
  const dsseEnvelope = {
    payload: bytes(found.payload),
    payloadType: found.payloadType,
    signatures: found.signatures.map((one) => ({ keyid: one.keyid, sig: bytes(one.sig) })),
  };
  const bundle = {
    content: { $case: "dsseEnvelope", dsseEnvelope },
    verificationMaterial: { content: { $case: "publicKey", publicKey: { hint: "" } }, tlogEntries: [] },
  };
  const trusted = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: crypto.createPublicKey(asked.key), validFor: () => true }),
  };
  new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 }).verify(toSignedEntity(bundle));
}

const text = bytes(asked.checkpoint).toString("utf8");
const entry = {
  integratedTime: "0",
  canonicalizedBody: bytes(asked.leaf),
  inclusionProof: {
    checkpoint: { envelope: text },
    rootHash: bytes(text.split("\n")[2]),
    hashes: asked.hashes.map(bytes),
    logIndex: String(asked.index),
    treeSize: String(asked.size),
  },
};

function checkpoint() {
  const [, hash, key] = asked.log.match(/^[^+]+\+([0-9a-f]{8})\+(.+)$/); // base64 may hold a + too
  const der = Buffer.concat([bytes("MCowBQYDK2VwAyEA"), bytes(key).subarray(1)]);
  const always = { start: new Date(0), end: new Date(8.64e15) };
  const publicKey = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
  verifyCheckpoint(entry, [{ logID: Buffer.from(hash, "hex"), publicKey, validFor: always }]);
}

console.log(says(envelope), says(checkpoint), says(() => verifyMerkleInclusion(entry)));
