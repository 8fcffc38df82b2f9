// The page of a card where there is script: reads the scanned code, checks the sheet, seals before sending.
// Without it, or when a step fails, the plain forms still work and the server seals.
"use strict";
(function () {
  const place = (name) => document.getElementById(name);
  const CHECK = "pingjia-card-check";

  // A scanned card: the code goes into the field, what vouches for the sheet stays in this tab.
  function takeCode(form) {
    const link = Pingjia.code.fragment(location.hash);
    if (!link) { return; }
    form.elements.code.value = link.code;
    try { sessionStorage.setItem(CHECK, link.code + link.fingerprint); } catch (error) { /* typed codes have none */ }
    history.replaceState(null, "", location.pathname + location.search);
  }

  function vouched(code) {
    let kept = "";
    try { kept = sessionStorage.getItem(CHECK) || ""; } catch (error) { /* a browser that keeps nothing */ }
    return kept.startsWith(code) ? kept.slice(code.length) : "";
  }

  function answersOf(form) {
    const answers = {};
    for (const field of form.elements) {
      const given = field.type === "radio" ? field.checked : field.tagName === "TEXTAREA" && field.value.trim();
      if (given) { answers[field.name] = field.value.trim(); }
    }
    return answers;
  }

  function line(label, answer) {
    const row = document.createElement("div");
    row.appendChild(document.createElement("dt")).textContent = label;
    row.appendChild(document.createElement("dd")).textContent = answer;
    return row;
  }

  function drawReview(form) {
    const list = place("review-list"), left = place("review-left");
    let all = 0, open = 0;
    list.textContent = "";
    for (const set of form.querySelectorAll("fieldset.q")) {
      const chosen = set.querySelector("input:checked");
      all += 1;
      if (!chosen) { open += 1; }
      list.appendChild(line(set.querySelector("legend").textContent, chosen ? chosen.parentNode.textContent : list.dataset.blank));
    }
    for (const words of form.querySelectorAll("textarea")) {
      if (words.value.trim()) { list.appendChild(line(words.labels[0].textContent, words.value.trim())); }
    }
    const thin = all - open < Number(left.dataset.least);
    left.textContent = open === all ? left.dataset.none : thin ? left.dataset.thin : left.dataset.some.replace("{n}", open);
    left.hidden = !open;
    return open < all;
  }

  function show(review) {
    place("answering").hidden = review;
    place("review").hidden = !review;
    (review ? place("review-h") : place("questions").querySelector("button")).focus();
    window.scrollTo(0, 0);
  }

  async function seal(facts, form) {
    const { bytes } = Pingjia;
    const sheet = await Pingjia.sheet.read(bytes.fromBase64(facts.sheet), vouched(form.elements.code.value));
    const sealed = await Pingjia.seal.seal({
      openingKey: bytes.fromBase64(sheet.opening_key),
      fingerprint: await Pingjia.sheet.fingerprint(bytes.fromBase64(facts.sheet)),
      classId: bytes.fromHex(facts.class),
      credential: bytes.fromHex(facts.credential),
      payload: bytes.text(JSON.stringify(answersOf(form))),
    });
    return bytes.base64(sealed);
  }

  async function checkSheet(facts, form) {
    try {
      await Pingjia.sheet.read(Pingjia.bytes.fromBase64(facts.sheet), vouched(form.elements.code.value));
    } catch (error) {
      form.hidden = true;
      place("mismatch").hidden = false;
      place("mismatch").focus();
    }
  }

  function sealHere(facts, form) {
    const cast = place("sealed-form");
    let ready = false, failed = false;
    checkSheet(facts, form);
    document.querySelector("[data-sealed-here]").hidden = true;
    document.querySelector("[data-sealed-there]").hidden = false;
    form.addEventListener("submit", (event) => {
      if (failed) { return; }
      event.preventDefault();
      cast.querySelector("button").disabled = !drawReview(form);
      show(true);
    });
    place("back").addEventListener("click", () => show(false));
    cast.addEventListener("submit", async (event) => {
      if (ready) { return; }
      event.preventDefault();
      cast.querySelector("button").disabled = true;
      try {
        cast.elements.sealed.value = await seal(facts, form);
        form.reset();
        ready = true;
        cast.submit();
      } catch (error) {
        failed = true;
        place("seal-failed").hidden = false;
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (Pingjia.missing.length) { return; }
    const entry = place("card-code"), facts = place("sealing");
    if (entry) { takeCode(entry); }
    if (facts) { sealHere(facts.dataset, place("questions")); }
  });
})();
