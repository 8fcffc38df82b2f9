// From the link or the typed code to the screen that fits, and through the flow to the receipt.
"use strict";
{
  const { screens } = Pingjia;
  const { fill, when, day, moment, english } = Pingjia.wording;
  const place = (name) => document.getElementById(name);
  const on = (name, act) => place(name).addEventListener("click", act);
  // What the server refuses, and the screen that says it.
  const REFUSALS = {
    issued_elsewhere: "elsewhere", code_exchanged: "exchanged", voting_not_open: "early", key_differs: "mismatch",
    voting_closed: "closed", casting_shut: "closed", sheet: "mismatch", signature: "mismatch",
  };
  const MINUTES_PER_QUESTION = 2 / 22;
  let poll = null;

  // Whom to tell; a telephone number is never broken at the end of a line.
  function tellUnion(handler, contact) {
    if (!handler) { return; }
    fill({ union: handler, contact: contact && (english ? ": " : "：") + contact });
    for (const place of document.querySelectorAll("[data-fill=union]")) { place.lang = "zh-CN"; }
    for (const place of document.querySelectorAll("[data-fill=contact]")) { place.classList.toggle("nw", contact.length <= 20); }
  }

  function tellFacts() {
    const { facts, sheet, own } = poll;
    const count = Pingjia.poll.items(poll.form).length;
    const { handler, contact, text } = facts.privacy;
    fill({
      home: sheet.home.name.replace(/工会(委员会)?$/, ""), year: String(facts.year), round: sheet.round.title, questions: String(count),
      minutes: String(Math.max(1, Math.round(count * MINUTES_PER_QUESTION))), label: own.label, size: String(own.size),
      opens: moment(facts.opens_at), closes: moment(facts.closes_at), closed: moment(facts.closes_at, false),
      until: moment(facts.casting_until, false), reason: facts.extension_reason, cancelled: facts.cancelled, notice: facts.notice, privacy: text,
      report: facts.report.text, check: Pingjia.sheet.verificationCode(poll.fingerprint),
    });
    tellUnion(handler, contact);
    if (facts.opening_planned_on) { fill({ opening: (english ? "on " : "") + day(facts.opening_planned_on, false) }); }
    for (const link of document.querySelectorAll("[data-home-page]")) { link.href = "/h/" + parseInt(sheet.home.id, 16); }
    when({
      practice: facts.kind === "practice", extended: facts.extension_reason, notice: facts.notice, report: facts.report.text,
      privacy: text || handler, typed: poll.typed, planned: facts.opening_planned_on, unplanned: !facts.opening_planned_on,
      forgetful: !Pingjia.keepsState, cards: facts.cards, single: sheet.classes.length === 1, several: sheet.classes.length > 1,
    });
  }

  // The first screen for what the code is worth now and what this phone remembers of it.
  function firstScreen() {
    const { state, phase, kept } = poll;
    if (state === "void") { return "void"; }
    if (poll.facts.cancelled) { return "cancelled"; }
    if (kept.receipt) { return phase === "closed" ? "closed" : "used"; }
    if (state === "exchanged") { return "exchanged"; }
    if (state === "issued" && kept.m) { return "interrupted"; }
    if (phase === "closed") { return "closed"; }
    if (state === "issued") { return "elsewhere"; }
    return phase === "early" ? "early" : "welcome";
  }

  async function stop(error) {
    const name = REFUSALS[error.code || error.message] || "refused";
    if (error.text) { fill({ refusal: error.text }); }
    if (name === "closed") {
      // The answer to the last call may be the one that was lost: ask what the link is worth now.
      const found = await Pingjia.poll.open(poll.code, Pingjia.sheet.short(poll.fingerprint)).catch(() => poll);
      if (found.facts && found.facts.cancelled) { poll = found; tellFacts(); screens.pin("cancelled"); return; }
      tellUse(found.state === "open" ? "unused" : "late");
    }
    screens.pin(name);
  }

  function tellUse(use) {
    when({ unused: use === "unused", used: use === "used", late: use === "late" });
  }

  function arrive() {
    const name = firstScreen();
    if (poll.sheet) {
      tellFacts();
      if (name === "welcome" || name === "interrupted") { Pingjia.questions.draw(poll); }
      Pingjia.receipt.listen(poll);
      Pingjia.receipt.show(poll.kept.receipt || "", false);
      tellUse(poll.state === "open" ? "unused" : "used");
      when({ kept: poll.kept.receipt });
    }
    if (name === "welcome" || name === "interrupted") { screens.become(name); } else { screens.pin(name); }
  }

  async function open(code, short) {
    try {
      poll = await Pingjia.poll.open(code, short);
    } catch (error) {
      if (error.code === "code_unknown") { Pingjia.entry.refuse("unknown", code); return; }
      if (error.code !== "network") { stop(error); return; }
      place("reopen").onclick = () => { screens.become("loading"); open(code, short); };
      screens.become("unreachable");
      return;
    }
    arrive();
  }

  // A typed code becomes a link: from now on a refresh or a switch of language keeps it, and keeps the sheet.
  function start() {
    // Not on a shared device: there the address would stay in the history for whoever comes next.
    if (Pingjia.shared) { screens.go("questions"); return; }
    const fragment = "#" + poll.code + Pingjia.sheet.short(poll.fingerprint);
    history.replaceState(history.state, "", "/e" + location.search + fragment);
    screens.go("questions");
  }

  function goOn() {
    if (poll.kept.x) { send(); return; }
    if (Pingjia.review.empty(poll)) { screens.go("questions"); return; }
    look();
  }

  function look() {
    Pingjia.review.draw(poll);
    screens.go("review");
  }

  function ask() {
    if (Pingjia.review.empty(poll)) { screens.focus(place("nothing")); return; }
    send();
  }

  // Sealed: from now on nobody at this phone can read the answers any more.
  function step(name) {
    if (name === "casting") { Pingjia.questions.forget(poll); }
    Pingjia.sending.step(name);
  }

  // A shared device asks for it where a visit ends, by a receipt or by a refusal.
  Pingjia.forgetVisit = () => {
    place("code").value = "";
    if (poll && poll.answers) { Pingjia.questions.forget(poll); }
  };

  let sending = false;
  async function send() {
    // A second tap finds the first at work.
    if (sending) { return; }
    sending = true;
    screens.pin("sending");
    try {
      const { receipt, earlier } = await Pingjia.vote(poll, Pingjia.questions.payload(poll), { step, pause: Pingjia.sending.pause });
      Pingjia.receipt.show(receipt, earlier);
      screens.pin("receipt");
    } catch (error) {
      stop(error);
    }
  }

  function begin() {
    screens.listen();
    Pingjia.display.listen();
    Pingjia.entry.listen((code) => open(code, ""));
    on("start", start);
    on("resume", goOn);
    on("back", () => history.back());
    on("cast", ask);
    place("questions").addEventListener("submit", (event) => { event.preventDefault(); look(); });
    const link = Pingjia.code.fragment(location.hash);
    if (link) { open(link.code, link.fingerprint); } else { Pingjia.entry.show(); }
  }

  if (!Pingjia.missing.length) { document.addEventListener("DOMContentLoaded", begin); }
}
