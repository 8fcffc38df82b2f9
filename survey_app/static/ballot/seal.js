// The sealed ballot and its receipt. Mirrors seals/envelope.py and receipts.py.
"use strict";
{
  const PADDED = 3072;
  const { hash, join, random, text } = Pingjia.bytes;

  function padded(payload) {
    if (payload.length > PADDED - 2) { throw new Error("too long"); }
    const whole = new Uint8Array(PADDED);
    whole.set([payload.length >> 8, payload.length & 255]);
    whole.set(payload, 2);
    return whole;
  }

  Pingjia.seal = {
    // What a ballot is bound to: round and home (fingerprint), class, and this one credential.
    context: async (fingerprint, classId, credential) =>
      join(text("pingjia-ballot-1"), fingerprint, classId, await hash("SHA-256", credential)),

    // openingKey: SubjectPublicKeyInfo; payload: the answers as bytes. Always 3484 bytes long.
    async seal({ openingKey, fingerprint, classId, credential, payload }) {
      const { subtle } = crypto;
      const context = await Pingjia.seal.context(fingerprint, classId, credential);
      const secret = random(32), iv = random(12);
      const key = await subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt"]);
      const body = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: context }, key, padded(payload));
      const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
      const publicKey = await subtle.importKey("spki", openingKey, oaep, false, ["encrypt"]);
      const locked = await subtle.encrypt({ name: "RSA-OAEP", label: context }, publicKey, secret);
      secret.fill(0);
      return join(new Uint8Array(locked), iv, new Uint8Array(body));
    },

    // The 16 characters under which the published list is searched.
    async receipt(credential, sealed) {
      const parts = await Promise.all([hash("SHA-256", credential), hash("SHA-256", sealed)]);
      const leaf = await hash("SHA-256", Uint8Array.of(0), parts[0], parts[1]);
      return Pingjia.base32.grouped(Pingjia.base32.encode(leaf, 16));
    },
  };
}
