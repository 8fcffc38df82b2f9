// The member's half of RFC 9474, RSABSSA-SHA384-PSS-Randomized. Mirrors seals/blind.py and pss.py.
// BigInt is not constant in time; nobody but this phone can measure it, and r is used once.
"use strict";
{
  const ZERO = BigInt(0), ONE = BigInt(1), SALT = 48, HASH = 48;
  const { hex, fromHex, base64, hash, join, random } = Pingjia.bytes;
  const integer = (data) => BigInt("0x" + hex(data));
  const written = (value, size) => fromHex(value.toString(16).padStart(2 * size, "0"));

  // base^65537 mod n
  function power(base, n) {
    let result = base;
    for (let i = 0; i < 16; i += 1) { result = result * result % n; }
    return result * base % n;
  }

  // Extended Euclid: the inverse of a modulo n, or null if they share a factor.
  function inverted(a, n) {
    let [r, next, t, following] = [n, a, ZERO, ONE];
    while (next > ZERO) {
      const quotient = r / next;
      [r, next] = [next, r - quotient * next];
      [t, following] = [following, t - quotient * following];
    }
    return r === ONE ? (t + n) % n : null;
  }

  // Uniform by rejection: reducing modulo n would favour small values.
  function factor(n, size) {
    for (;;) {
      const r = integer(random(size));
      const inverse = r > ZERO && r < n ? inverted(r, n) : null;
      if (inverse !== null) { return { r, inverse }; }
    }
  }

  // EMSA-PSS-ENCODE (RFC 8017, 9.1.1) for a modulus of exactly 8 * size bits.
  async function encoded(message, size) {
    const salt = random(SALT);
    const digest = await hash("SHA-384", new Uint8Array(8), await hash("SHA-384", message), salt);
    const block = new Uint8Array(size - HASH - 1);
    block[block.length - SALT - 1] = 1;
    block.set(salt, block.length - SALT);
    for (let at = 0; at < block.length; at += HASH) {
      const mask = await hash("SHA-384", digest, Uint8Array.of(0, 0, 0, at / HASH));
      for (let i = 0; i < HASH && at + i < block.length; i += 1) { block[at + i] ^= mask[i]; }
    }
    block[0] &= 127;
    return join(block, digest, Uint8Array.of(0xbc));
  }

  async function verify(n, message, signature) {
    const url = { "+": "-", "/": "_", "=": "" };
    const jwk = { kty: "RSA", e: "AQAB", n: base64(n).replace(/[+/=]/g, (sign) => url[sign]) };
    const key = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT }, key, signature, message);
  }

  Pingjia.blind = {
    verify,
    // A fresh credential behind a random prefix: the message m.
    prepare: () => join(random(32), random(32)),
    // {blinded, inverse}: the first is sent, the second stays here until the answer comes.
    async blind(n, message) {
      const modulus = integer(n), size = n.length;
      const value = integer(await encoded(message, size));
      if (inverted(value, modulus) === null) { throw new Error("message"); }
      const { r, inverse } = factor(modulus, size);
      return {
        blinded: written(value * power(r, modulus) % modulus, size),
        inverse: written(inverse, size),
      };
    },
    async finalise(n, message, blindSignature, inverse) {
      if (blindSignature.length !== n.length) { throw new Error("signature"); }
      const signature = written(integer(blindSignature) * integer(inverse) % integer(n), n.length);
      if (!await verify(n, message, signature)) { throw new Error("signature"); }
      return signature;
    },
    keyTag: async (n) => (await hash("SHA-256", n)).slice(0, 4),
  };
}
