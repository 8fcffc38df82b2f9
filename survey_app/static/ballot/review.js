// One more look before casting: what is unanswered with a way back to it, and every answer with its 改.
"use strict";
{
  const { fill, ofForm, ordinal, stamp, when } = Pingjia.wording;
  const place = (name) => document.getElementById(name);
  const half = (poll) => Math.ceil(Pingjia.poll.items(poll.form).length / 2);

  // Back to a question: to its chosen answer, else to its first one.
  function back(poll, name) {
    const target = place(name);
    Pingjia.screens.go("questions", target.matches("textarea") ? target : target.querySelector(":checked") || target.querySelector("input"));
    target.scrollIntoView({ block: "center" });
  }

  function linked(poll, fragment, name) {
    fragment.querySelector("button").addEventListener("click", () => back(poll, name));
    return fragment;
  }

  function row(poll, item, number) {
    const chosen = poll.form.scale.options.find((option) => option.code === poll.answers[item.id]);
    const drawn = stamp("row-template", { number: String(number), label: ofForm(item.label), answer: chosen ? ofForm(chosen.text) : "" });
    when({ chosen: chosen, blank: !chosen }, drawn);
    return linked(poll, drawn, item.id);
  }

  function card(poll, ordinal, title) {
    const drawn = stamp("card-template", { ordinal, title });
    place("review-sections").appendChild(drawn);
    const section = place("review-sections").lastElementChild;
    section.setAttribute("aria-labelledby", section.querySelector("h2").id = "r" + place("review-sections").children.length);
    return section.querySelector("dl");
  }

  function drawAnswers(poll) {
    let number = 0;
    place("review-sections").textContent = "";
    poll.form.sections.forEach((section, i) => {
      const list = card(poll, ordinal(i), ofForm(section.title));
      for (const item of section.items) { list.appendChild(row(poll, item, number += 1)); }
    });
    if (!poll.open.length) { return; }
    const list = card(poll, ordinal(poll.form.sections.length), place("words-title").textContent);
    for (const question of poll.open) {
      const words = poll.answers[question.id] || "";
      const drawn = stamp("words-template", { label: ofForm(question.label), answer: words });
      when({ chosen: words, blank: !words }, drawn);
      list.appendChild(linked(poll, drawn, question.id));
    }
  }

  function drawUnanswered(poll) {
    const all = Pingjia.poll.items(poll.form), left = Pingjia.questions.unanswered(poll);
    const given = all.length - left.length, least = half(poll);
    place("review-left").textContent = "";
    for (const item of given ? left : []) {
      const drawn = stamp("left-template", { number: String(all.indexOf(item) + 1), label: ofForm(item.label) });
      place("review-left").appendChild(linked(poll, drawn, item.id));
    }
    fill({ left: String(left.length), least: String(least), short: String(least - given) });
    when({
      incomplete: left.length > 0, nothing: !given, enough: given >= least, thin: given > 0 && given < least,
      oneLeft: given && left.length === 1, moreLeft: given && left.length > 1,
    });
  }

  Pingjia.review = {
    draw(poll) {
      drawUnanswered(poll);
      drawAnswers(poll);
    },
    empty: (poll) => Pingjia.questions.unanswered(poll).length === Pingjia.poll.items(poll.form).length,
  };
}
