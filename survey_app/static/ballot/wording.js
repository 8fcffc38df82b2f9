// Words: the document brings every sentence in its language, with blanks; here the blanks are filled.
"use strict";
{
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const EAST_EIGHT = 8 * 3600 * 1000;
  const english = document.documentElement.lang === "en";
  const within = (root, name, value) => root.querySelectorAll(`[data-${name}="${value}"]`);

  // Beijing's calendar, whatever the phone is set to; a plain day has no time of its own.
  function beijing(iso) {
    return iso.length === 10 ? new Date(iso + "T00:00:00Z") : new Date(Date.parse(iso) + EAST_EIGHT);
  }

  function day(iso, weekday = true) {
    const date = beijing(iso), number = date.getUTCDate(), year = date.getUTCFullYear();
    const foreign = year !== beijing(new Date().toISOString()).getUTCFullYear();
    const name = DAYS[date.getUTCDay()];
    if (english) {
      return `${weekday ? name + " " : ""}${number} ${MONTHS[date.getUTCMonth()]}${foreign ? " " + year : ""}`;
    }
    const written = `${foreign ? year + "年" : ""}${date.getUTCMonth() + 1}月${number}日`;
    return weekday ? `${written}（星期${"日一二三四五六"[date.getUTCDay()]}）` : written;
  }

  function clock(iso) {
    const date = beijing(iso);
    return `${date.getUTCHours()}:${String(date.getUTCMinutes()).padStart(2, "0")}`;
  }

  Pingjia.wording = {
    english,
    day,
    moment: (iso, weekday) => day(iso, weekday) + (english ? ", " : "") + clock(iso),
    ordinal: (i) => document.getElementById("questions").dataset.ordinals.split(" ")[i] + (english ? " " : ""),
    ofForm: (texts) => english && texts.en || texts.zh,
    // {home: "长河机械厂"}: every <… data-fill="home"> inside root.
    fill(values, root = document) {
      for (const name of Object.keys(values)) {
        for (const place of within(root, "fill", name)) { place.textContent = values[name]; }
      }
      return root;
    },
    // {practice: true}: every <… data-when="practice"> is shown or hidden.
    when(conditions, root = document) {
      for (const name of Object.keys(conditions)) {
        for (const place of within(root, "when", name)) { place.hidden = !conditions[name]; }
      }
    },
    // A copy of <template id="name"> with its blanks filled.
    stamp(name, values) {
      const copy = document.importNode(document.getElementById(name).content, true);
      return Pingjia.wording.fill(values, copy);
    },
  };
}
