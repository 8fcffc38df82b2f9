// The custodians' page: make the opening key, lock it under two slips, rehearse the opening.
// The locked form is described in seals/opening.py; load codes.js and seal.js first.
"use strict";
{
  const MAGIC = "pingjia-unlock-1", ROUNDS = 600000, HEADER = 48, LOCKED_KEY = 384;
  const OAEP = { name: "RSA-OAEP", hash: "SHA-256" };
  const { hex, join, random, text } = Pingjia.bytes;
  const { canonical, checks, encode, fault, grouped } = Pingjia.base32;

  // The number of the half is summed in, so the same slip typed into both fields is noticed.
  function writtenHalf(half) {
    const body = encode(random(8), 13);
    return grouped(body + checks(half + body, 1));
  }

  // The 13 characters of a typed half; throws an error with `half` and `fault`.
  function readHalf(half, typed) {
    const slip = canonical(typed);
    let wrong = fault(slip, 14, 1, String(half));
    if (wrong === "check" && !fault(slip, 14, 1, String(3 - half))) { wrong = "swapped"; }
    if (wrong) { throw Object.assign(new Error("half"), { half, fault: wrong }); }
    return slip.slice(0, 13);
  }

  async function derived(halves, salt, use) {
    const passphrase = text(readHalf(1, halves[0]) + readHalf(2, halves[1]));
    const base = await crypto.subtle.importKey("raw", passphrase, "PBKDF2", false, ["deriveKey"]);
    const rule = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
    return crypto.subtle.deriveKey(rule, base, { name: "AES-GCM", length: 256 }, false, [use]);
  }

  async function lock(privateKey, halves) {
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, ROUNDS);
    const salt = random(16), iv = random(12);
    const header = join(text(MAGIC), count, salt, iv);
    const key = await derived(halves, salt, "encrypt");
    const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: header }, key, privateKey);
    return join(header, new Uint8Array(body));
  }

  async function unlock(ciphertext, halves) {
    const header = ciphertext.slice(0, HEADER);
    const key = await derived(halves, header.slice(20, 36), "decrypt");
    const rule = { name: "AES-GCM", iv: header.slice(36), additionalData: header };
    const privateKey = await crypto.subtle.decrypt(rule, key, ciphertext.slice(HEADER));
    return crypto.subtle.importKey("pkcs8", privateKey, OAEP, false, ["decrypt"]);
  }

  async function opened(privateKey, sealed, context) {
    const oaep = { name: "RSA-OAEP", label: context };
    const secret = await crypto.subtle.decrypt(oaep, privateKey, sealed.slice(0, LOCKED_KEY));
    const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
    const rule = { name: "AES-GCM", iv: sealed.slice(LOCKED_KEY, LOCKED_KEY + 12), additionalData: context };
    const padded = new Uint8Array(await crypto.subtle.decrypt(rule, key, sealed.slice(LOCKED_KEY + 12)));
    return padded.slice(2, 2 + (padded[0] << 8 | padded[1]));
  }

  Pingjia.opening = {
    readHalf,

    // {publicKey, ciphertext, halves}: upload the first two, print the halves, keep nothing.
    async make() {
      const kind = Object.assign({ modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1) }, OAEP);
      const pair = await crypto.subtle.generateKey(kind, true, ["encrypt", "decrypt"]);
      const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
      const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
      const halves = [writtenHalf(1), writtenHalf(2)];
      const ciphertext = await lock(privateKey, halves);
      privateKey.fill(0);
      return { publicKey, ciphertext, halves };
    },

    // Seal a dummy ballot with what was uploaded and open it with what was typed. Throws the error of
    // `readHalf` for a mistyped half, Error("passphrase") for slips of another key, Error("key") if
    // the public key is not the counterpart.
    async rehearse({ publicKey, ciphertext, halves }) {
      halves.forEach((typed, i) => readHalf(i + 1, typed));
      const privateKey = await unlock(ciphertext, halves).catch(() => { throw new Error("passphrase"); });
      const ballot = {
        openingKey: publicKey, fingerprint: random(32), classId: random(16), credential: random(64), payload: random(64),
      };
      const sealed = await Pingjia.seal.seal(ballot).catch(() => { throw new Error("key"); });
      const context = await Pingjia.seal.context(ballot.fingerprint, ballot.classId, ballot.credential);
      const answers = await opened(privateKey, sealed, context).catch(() => { throw new Error("key"); });
      if (hex(answers) !== hex(ballot.payload)) { throw new Error("key"); }
    },
  };
}
