"use strict";
/* The table of all learners: filtered, sorted and shown a page at a time. What learners are called is only ever text. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PLACES = ["key", "name", "standard", "decision", "pace", "met", "of", "expected", "planned", "overdue", "grid",
    "steps", "next", "assessor", "group", "safe", "report"];
  // Without capitals and accents: whoever looks for zoe finds Zoë.
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const rows = data.rows.map((values, place) => {
    const row = { place };
    PLACES.forEach((name, at) => { row[name] = values[at]; });
    row.words = folded([row.name, row.key, row.group, row.assessor].join(" "));
    return row;
  });
  const SHOWN = 100; // rows of a page: what a person scrolls through, and a browser draws at once
  const find = (name) => document.getElementById(name);
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const status = ([words, name]) => make("span", { class: "status " + name }, words);
  const dayOf = (text) => text ? new Date(text + "T00:00:00Z").toLocaleDateString("en-GB",
    { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }) : "not known";
  const alike = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });
  const byText = (name) => (one, two) => alike.compare(one[name], two[name]);
  const byNumber = (name) => (one, two) => (one[name] ?? -1) - (two[name] ?? -1);
  const byDay = (name) => (one, two) => one[name].localeCompare(two[name]);
  const ORDER = { n: 0, p: 1, c: 2, u: 3, m: 4, "-": 5, " ": 6 };

  const columns = [
    { title: "Learner", compare: byText("name"), head: true, cell: (row) => {
      const name = row.report ? make("a", { href: "reports/" + encodeURIComponent(row.report) }, make("bdi", {}, row.name)) : make("bdi", {}, row.name);
      return [name, " ", make("span", { class: "muted" }, make("bdi", {}, row.key))];
    } },
    { title: "Decision", compare: byNumber("decision"), cell: (row) => [status(data.decisions[row.decision])] },
    { title: "Pace", compare: byNumber("pace"), cell: (row) => [status(data.paces[row.pace])] },
    { title: "KSBs met", figure: true, compare: (one, two) => one.met / (one.of || 1) - two.met / (two.of || 1),
      cell: (row) => [row.met + " of " + row.of] },
    { title: "Expected by now", figure: true, compare: byNumber("expected"), lacks: (row) => row.expected === null,
      cell: (row) => [row.expected === null ? "–" : String(row.expected)] },
    { title: "Planned gateway", compare: byDay("planned"), lacks: (row) => !row.planned,
      cell: (row) => [dayOf(row.planned), ...(row.overdue ? [make("strong", {}, " overdue")] : [])] },
    { title: "Latest safe day", compare: byDay("safe"), lacks: (row) => !row.safe, cell: (row) => [dayOf(row.safe)] },
    ...data.requirements.map((title, at) => ({
      title, grid: true, at,
      compare: (one, two) => ORDER[one.grid[at]] - ORDER[two.grid[at]],
      cell: (row) => {
        const known = data.statuses[row.grid[at]];
        if (!known) return [make("span", { class: "unseen" }, "not asked for")];
        return [make("span", { class: "status " + known[1] }, make("span", { class: "unseen" }, known[0]))];
      },
      name: (row) => (data.statuses[row.grid[at]] || ["not asked for"])[0],
    })),
    { title: "Steps left", figure: true, compare: byNumber("steps"), cell: (row) => [String(row.steps)] },
    { title: "Next step", compare: byText("next"), wide: true, cell: (row) => [row.next] },
    { title: "Assessor", words: true, compare: byText("assessor"), cell: (row) => [row.assessor] },
    { title: "Group", words: true, compare: byText("group"), cell: (row) => [row.group] },
  ].filter((column) => !["Assessor", "Group"].includes(column.title) || rows.some((row) => row[column.title.toLowerCase()]));

  let sorted = { column: null, falling: false };
  let first = 0;
  let turning = "";

  const choices = (name, all, values) => {
    const select = find(name);
    select.append(make("option", { value: "" }, all));
    for (const [value, words] of values) select.append(make("option", { value }, words));
    if (values.length < 2) select.parentElement.hidden = true;
  };
  const distinct = (name) => [...new Set(rows.map((row) => row[name]))].filter(Boolean).sort(alike.compare).map((text) => [text, text]);
  choices("by-decision", "all", data.decisions.map(([words], at) => [at, words]));
  choices("by-pace", "all", data.paces.map(([words], at) => [at, words]));
  choices("by-requirement", "any", data.requirements.map((title, at) => [at, title]));
  choices("by-standard", "all", data.standards.map(([identity, title], at) => [at, identity + " " + title]));
  choices("by-assessor", "all", distinct("assessor"));
  choices("by-group", "all", distinct("group"));

  const wanted = () => {
    const text = folded(find("search").value.trim());
    const chosen = (name) => find(name).value;
    const is = (name, field) => chosen(name) === "" || String(field) === chosen(name);
    return rows.filter((row) => (!text || row.words.includes(text))
      && is("by-decision", row.decision) && is("by-pace", row.pace) && is("by-standard", row.standard)
      && is("by-assessor", row.assessor) && is("by-group", row.group)
      && (!find("by-overdue").checked || row.overdue)
      && (chosen("by-requirement") === "" || "npuc".includes(row.grid[Number(chosen("by-requirement"))])));
  };

  const show = () => {
    const found = wanted();
    if (sorted.column) {
      const turn = sorted.falling ? -1 : 1;
      // What is not known comes last, whichever way round.
      const lacks = (row) => Number(Boolean(sorted.column.lacks && sorted.column.lacks(row)));
      found.sort((one, two) => lacks(one) - lacks(two) || turn * sorted.column.compare(one, two) || one.place - two.place);
    }
    if (first >= found.length) first = 0;
    const page = found.slice(first, first + SHOWN);
    const number = (value) => value.toLocaleString("en-GB");
    find("shown").textContent = found.length
      ? "Showing " + number(first + 1) + " to " + number(first + page.length) + " of " + number(found.length) + (found.length === 1 ? " learner" : " learners")
      : rows.length ? "No learner matches." : "There is no learner with a verdict.";
    // A requirement that nobody found is asked for needs no column: with one standard chosen, its own are left.
    columns.forEach((column, place) => {
      column.hidden = column.grid && found.length > 0 && found.every((row) => row.grid[column.at] === " ");
      heads[place].hidden = column.hidden;
    });
    const seen = columns.filter((column) => !column.hidden);
    const body = document.createDocumentFragment();
    for (const row of page) {
      body.append(make("tr", {}, ...seen.map((column) => {
        const attributes = column.head ? { scope: "row" } : {};
        const kinds = [column.figure && "figure", column.grid && "grid", column.wide && "next", column.words && "words"].filter(Boolean);
        if (kinds.length) attributes.class = kinds.join(" ");
        if (column.grid) attributes.title = column.title + ": " + column.name(row);
        return make(column.head ? "th" : "td", attributes, ...column.cell(row));
      })));
    }
    find("table").tBodies[0].replaceChildren(body);
    find("pages").hidden = found.length <= SHOWN;
    find("back").disabled = first === 0;
    find("forth").disabled = first + SHOWN >= found.length;
    // A button that cannot be pressed any more would lose the focus to nowhere.
    if (turning && find(turning).disabled) find(turning === "back" ? "forth" : "back").focus();
    turning = "";
    find("page").textContent = "Page " + number(first / SHOWN + 1) + " of " + number(Math.max(1, Math.ceil(found.length / SHOWN)));
  };

  const heads = columns.map((column) => {
    const button = make("button", { type: "button" }, column.title);
    const head = make("th", { scope: "col" }, button);
    if (column.grid) head.className = "grid";
    if (column.figure) head.className = "figure";
    button.addEventListener("click", () => {
      sorted = { column, falling: sorted.column === column && !sorted.falling };
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sorted.falling ? "descending" : "ascending");
      first = 0;
      show();
    });
    return head;
  });
  find("table").tHead.append(make("tr", {}, ...heads));
  const again = () => { first = 0; show(); };
  find("filters").addEventListener("input", again);
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").addEventListener("reset", () => { setTimeout(again, 0); });
  find("back").addEventListener("click", () => { first -= SHOWN; turning = "back"; show(); find("shown").scrollIntoView(); });
  find("forth").addEventListener("click", () => { first += SHOWN; turning = "forth"; show(); find("shown").scrollIntoView(); });
  find("filters").hidden = false;
  find("table").hidden = false;
  show();
})();
