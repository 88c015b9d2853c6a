// The page works without this file. With it, acts on a row do not load the page anew, the keyboard
// moves through the list, and a scanner is heard wherever the focus is.

const words = JSON.parse(document.body.dataset.words);
const message = document.getElementById("message");

// A scanner types a character every few milliseconds, a person hardly two in eighty. The body may
// name another gap, for slow radio links.
const scannerGapMs = () => Number(document.body.dataset.scannerGapMs ?? 80);
const SHORTEST_CODE = 4;
const JOBS_EVERY_MS = 2000;

function say(text, kind = "good") {
  message.textContent = text;
  message.className = text ? `message shown ${kind}` : "message";
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Rows

const rows = () => [...document.querySelectorAll(".parcel")];
const chosen = () => document.activeElement?.closest?.(".parcel") ?? document.querySelector(".parcel.chosen");

function choose(row) {
  for (const other of rows()) other.classList.toggle("chosen", other === row);
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(chosen());
  choose(all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]);
}

function shut(row) {
  for (const open of row.querySelectorAll("details.act[open]")) open.open = false;
}

function open(kind) {
  const row = chosen();
  if (!row) return say(words.nothing_selected, "bad");
  const act = row.querySelector(`details.${kind}`);
  if (!act) return;
  const wasOpen = act.open;
  shut(row);
  act.open = !wasOpen;
  if (act.open) act.querySelector(kind === "leave" ? "input[name=reason]" : "button.confirm").focus();
}

function find(code) {
  const wanted = code.trim().toUpperCase();
  if (!wanted) return;
  const found = rows().filter((row) => row.dataset.hawb.toUpperCase() === wanted);
  if (found.length === 1) {
    choose(found[0]);
    say("");
  } else {
    say(filled(found.length ? words.many_listed : words.not_listed, { hawb: code.trim() }), "bad");
  }
}

// Acts: the answer holds the pieces of the page that changed, by their ids.

async function send(form, submitter) {
  const rank = form.closest(".parcel").id;
  const body = new URLSearchParams(new FormData(form, submitter));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  say(words.saving);
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { "X-Fragment": "row", Accept: "text/html" }, redirect: "follow",
    });
    if (answer.status === 401) return location.reload();
    const changed = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const piece of [...changed.body.children]) {
      if (piece.id === "message") say(piece.textContent, piece.classList.contains("bad") ? "bad" : "good");
      else if (piece.id) document.getElementById(piece.id)?.replaceWith(document.adoptNode(piece));
    }
    const row = document.getElementById(rank);
    if (row) choose(row);
  } catch {
    say(words.no_connection, "bad");
  } finally {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-swap]")) {
    event.preventDefault();
    send(form, event.submitter);
  } else if (form.id === "scan") {
    event.preventDefault();
    find(form.elements.hawb.value);
    form.elements.hawb.value = "";
  } else if (form.id === "upload") {
    event.preventDefault();
    upload(form);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-find]");
  if (link) {
    event.preventDefault();
    find(link.dataset.find);
  }
  const button = event.target.closest("[data-do]");
  if (button?.dataset.do === "print") window.print();
  if (button?.dataset.do === "help") document.getElementById("help").showModal();
  for (const act of document.querySelectorAll("details.act[open]")) {
    if (!act.contains(event.target)) act.open = false;
  }
  const row = event.target.closest(".parcel");
  if (row) for (const other of rows()) other.classList.toggle("chosen", other === row);
});

// Keys, and a scanner among them

const keys = {
  j: () => move(1),
  k: () => move(-1),
  1: () => open("clean"),
  2: () => open("found"),
  s: () => open("leave"),
  u: () => chosen()?.querySelector("form.undo")?.requestSubmit(),
  "/": () => document.getElementById("hawb")?.focus(),
  "?": () => document.getElementById("help")?.showModal(),
};
let typed = "";
let lastKeyAt = 0;
let timer = 0;

function flush() {
  const text = typed;
  typed = "";
  for (const key of text) keys[key.toLowerCase()]?.();
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox],[type=radio]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (!document.getElementById("rows") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") {
    const row = chosen();
    if (row) { shut(row); choose(row); }
    return;
  }
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key.length === 1 && event.key !== " ") {
    // By when the key was struck, not by when a busy page came to see it.
    if (event.timeStamp - lastKeyAt > scannerGapMs()) typed = "";
    typed += event.key;
    lastKeyAt = event.timeStamp;
    clearTimeout(timer);
    if (typed.length < SHORTEST_CODE) timer = setTimeout(flush, scannerGapMs());
    event.preventDefault();
  } else if (event.key === "Enter") {
    clearTimeout(timer);
    if (typed.length >= SHORTEST_CODE && event.timeStamp - lastKeyAt <= 5 * scannerGapMs()) {
      event.preventDefault(); // a scanner's Enter must not press the button that has the focus
      find(typed);
    } else if (event.target.matches(".parcel")) {
      const more = event.target.querySelector("details.more");
      more.open = !more.open;
    }
    typed = "";
  }
});

// Manifests

async function upload(form) {
  const [file] = form.elements.manifest.files;
  const button = form.querySelector("button");
  button.disabled = true;
  say(words.uploading);
  try {
    const answer = await fetch("/v1/manifests", {
      method: "POST", body: file,
      headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": form.dataset.csrf },
    });
    const told = await answer.json();
    if (answer.ok) say(words.uploaded);
    else say([words.upload_failed, told.detail, told.way_out].filter(Boolean).join(" "), "bad");
    await refreshJobs();
  } catch {
    say(words.no_connection, "bad");
  } finally {
    button.disabled = false;
  }
}

async function refreshJobs() {
  const list = document.getElementById("jobs");
  if (!list) return;
  const answer = await fetch("/jobs", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("jobs");
  const wasRunning = list.dataset.running === "yes";
  list.replaceWith(document.adoptNode(fresh));
  if (wasRunning && fresh.dataset.running === "no") location.reload();
}

setInterval(() => {
  if (document.getElementById("jobs")?.dataset.running === "yes") refreshJobs().catch(() => {});
}, JOBS_EVERY_MS);
