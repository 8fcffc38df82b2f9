// The questions as a form, the answers as the member gives them, and the look at them before casting.
"use strict";
{
  const { fill, ofForm, ordinal, stamp, when } = Pingjia.wording;
  const items = (poll) => Pingjia.poll.items(poll.form);
  const field = (name) => document.getElementById(name);

  // Mirrors questionnaires.answers.cleaned: without what would hurt storage or turn the reader's screen around.
  const cleaned = (words) => words.replace(/\r\n?/g, "\n")
    .replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) => found.length === 2 ? found : "\ufffd")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "").trim();

  function drawItem(item, number, options) {
    const drawn = stamp("question-template", { number: String(number), text: ofForm(item.question) });
    drawn.querySelector("fieldset").id = item.id;
    const cells = drawn.querySelector(".pick");
    for (const option of options) {
      const cell = stamp("choice-template", { choice: ofForm(option.text) });
      const input = cell.querySelector("input");
      Object.assign(input, { name: item.id, value: option.code });
      if (option.points === undefined) { cell.querySelector("span").className = "dk"; }
      cells.appendChild(cell);
    }
    return drawn;
  }

  function drawOpen(question) {
    const drawn = stamp("open-template", { text: ofForm(question.question) });
    Object.assign(drawn.querySelector("textarea"), { id: question.id, name: question.id, maxLength: question.limit });
    drawn.querySelector("label").htmlFor = question.id;
    return drawn;
  }

  function drawSections(poll) {
    let number = 0;
    poll.form.sections.forEach((section, i) => {
      const count = section.items.length;
      const drawn = stamp("section-template", { ordinal: ordinal(i), title: ofForm(section.title), count: String(count) });
      when({ one: count === 1, more: count !== 1 }, drawn);
      const place = drawn.querySelector("section");
      place.setAttribute("aria-labelledby", drawn.querySelector("h2").id = "s" + i);
      for (const item of section.items) { place.appendChild(drawItem(item, number += 1, poll.form.scale.options)); }
      field("sections").appendChild(drawn);
    });
    fill({ lastOrdinal: ordinal(poll.form.sections.length) });
  }

  function progress(poll) {
    const total = items(poll).length, answered = items(poll).filter((item) => poll.answers[item.id]).length;
    fill({ answered: String(answered), total: String(total) });
    Object.assign(field("progress"), { max: total, value: answered });
    for (const item of items(poll)) {
      field(item.id).querySelector(".clear").hidden = !poll.answers[item.id];
    }
  }

  function set(poll, name, value) {
    if (value) { poll.answers[name] = value; } else { delete poll.answers[name]; }
    Pingjia.memory.draft.write(poll.key, poll.answers);
    progress(poll);
  }

  function clear(poll, fieldset) {
    const chosen = fieldset.querySelector(":checked");
    if (chosen) { chosen.checked = false; }
    set(poll, fieldset.id, "");
    fieldset.querySelector("input").focus();
  }

  function listen(poll) {
    const form = field("questions");
    form.addEventListener("input", (event) => set(poll, event.target.name, event.target.value));
    form.addEventListener("click", (event) => {
      if (event.target.matches(".clear")) { clear(poll, event.target.closest("fieldset")); }
    });
  }

  function restore(poll) {
    for (const name of Object.keys(poll.answers)) {
      const inputs = Array.from(document.getElementsByName(name));
      const input = inputs.length > 1 ? inputs.find((one) => one.value === poll.answers[name]) : inputs[0];
      if (input && input.type === "radio") { input.checked = true; } else if (input) { input.value = poll.answers[name]; }
    }
    when({ restored: Object.keys(poll.answers).length > 0 });
  }

  Pingjia.questions = {
    draw(poll) {
      poll.answers = Pingjia.memory.draft.read(poll.key) || {};
      // Too few members for words to stay anonymous: then nobody is asked for them (anonymity.md, section 7).
      poll.open = poll.facts.members < 20 ? [] : poll.form.open;
      drawSections(poll);
      for (const question of poll.open) { field("words").appendChild(drawOpen(question)); }
      when({ words: poll.open.length > 0 });
      restore(poll);
      listen(poll);
      progress(poll);
    },

    unanswered: (poll) => items(poll).filter((item) => !poll.answers[item.id]),

    // The answers as compact JSON, as questionnaires.encode writes them: the order of the form, no blanks.
    payload(poll) {
      const raw = {};
      for (const item of items(poll)) {
        if (poll.answers[item.id]) { raw[item.id] = poll.answers[item.id]; }
      }
      for (const question of poll.open) {
        const words = cleaned(poll.answers[question.id] || "");
        if (words) { raw[question.id] = words; }
      }
      return JSON.stringify(raw);
    },

    // Once the ballot is sealed nothing of it may be read off this phone any more.
    forget(poll) {
      poll.answers = {};
      field("questions").reset();
      for (const name of ["sections", "words", "review-sections", "review-left"]) { field(name).textContent = ""; }
    },
  };
}
