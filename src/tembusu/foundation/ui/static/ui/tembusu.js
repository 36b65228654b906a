// What the pages gain where scripts run. Every page works without this file; nothing here decides
// anything. Parts are found by data attributes, also in pieces that htmx brings in later.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// -- theme: shown at once, kept by the server in a cookie -------------------------------------------
function themeSwitch(form) {
  form.addEventListener("submit", async (event) => {
    const chosen = event.submitter;
    if (!chosen) return;
    event.preventDefault();
    const body = new FormData(form, chosen);
    if (chosen.value) document.documentElement.dataset.theme = chosen.value;
    else delete document.documentElement.dataset.theme;
    for (const button of form.elements.theme) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}

// -- forms: a warning before changes are lost, one sending only -------------------------------------
const snapshot = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) =>
  [name, value instanceof File ? value.name : value]));

function guard(form) {
  const before = snapshot(form);
  // A page that came back with faults holds typed values that are not kept anywhere yet, unless it
  // says so: data-guard is "kept" where the server keeps them, "unkept" where it keeps nothing.
  const isKept = { kept: true, unkept: false }[form.dataset.guard];
  const cameBack = !(isKept ?? form.querySelector("[aria-invalid=true]") === null);
  let isSending = false;
  form.addEventListener("submit", () => { isSending = true; });
  addEventListener("pageshow", () => { isSending = false; });
  addEventListener("beforeunload", (event) => {
    const isChanged = cameBack || snapshot(form) !== before;
    if (!isSending && isChanged && form.isConnected) event.preventDefault();
  });
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    event.submitter?.classList.add("is-busy");
    // A download leaves the page standing: let the form be used again.
    setTimeout(() => release(form), 8000);
  });
}

function release(form) {
  delete form.dataset.sent;
  for (const button of all(".is-busy", form)) button.classList.remove("is-busy");
}

// -- lists: tick all, count the ticked --------------------------------------------------------------
function bulk(form) {
  const boxes = () => [...form.elements].filter((box) => box.matches("[data-pick]"));
  const every = form.querySelector("[data-pick-all]");
  const count = form.querySelector("[data-pick-count]");
  const refresh = () => {
    const n = boxes().filter((box) => box.checked).length;
    every.checked = n > 0 && n === boxes().length;
    every.indeterminate = n > 0 && !every.checked;
    count.textContent = n ? `${n} ticked` : "Tick rows to act on them";
    form.classList.toggle("is-idle", n === 0);
    form.classList.remove("is-refused");
  };
  every.parentElement.hidden = false;
  every.addEventListener("change", () => {
    for (const box of boxes()) box.checked = every.checked;
    refresh();
  });
  form.addEventListener("submit", (event) => {
    if (boxes().some((box) => box.checked)) return;
    event.preventDefault();
    form.classList.add("is-refused");
    // Emptied first: the same words a second time would not be read out.
    count.textContent = "";
    setTimeout(() => { count.textContent = "Nothing is ticked: tick rows first, then press again"; }, 50);
  }, { capture: true });
  document.addEventListener("change", (event) => {
    if (event.target.form === form) refresh();
  });
  refresh();
}

// -- menus, dialogs, messages -----------------------------------------------------------------------
// A menu closes when one goes on elsewhere; in a sheet of filters it is a part of the sheet and stays.
const closesBeside = (details, place) => !details.contains(place) && !details.closest(":popover-open");

function menu(details) {
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && closesBeside(details, event.relatedTarget)) details.open = false;
  });
}

function opensDialog(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  if (dialog) button.addEventListener("click", () => dialog.showModal());
}

function toast(message) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-plain button-small";
  button.textContent = "Dismiss";
  button.addEventListener("click", () => {
    message.remove();
    document.getElementById("main")?.focus();
  });
  message.append(button);
}

// -- starting ---------------------------------------------------------------------------------------
const parts = [
  ["[data-theme-switch]", themeSwitch],
  ["form[data-guard]", guard],
  ["form[data-bulk]", bulk],
  ["form[data-once]", sendOnce],
  ["details.menu", menu],
  ["[data-dialog]", opensDialog],
  ["[data-toast]", toast],
];
const started = new WeakMap();

function start(root) {
  for (const [selector, begin] of parts) {
    for (const element of all(selector, root).concat(root.matches?.(selector) ? [root] : [])) {
      const done = started.get(element) ?? new Set();
      if (done.has(selector)) continue;
      started.set(element, done.add(selector));
      begin(element);
    }
  }
}

start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of all("form[data-sent]")) release(form);
});
// Where a piece of the page is replaced, whoever stood in it stands on the like of what they stood on,
// and where that is gone, on what came of the work.
let left = null;
const isLike = (one, other) => one.localName === other.localName
  && (one.href ?? one.textContent) === (other.href ?? other.textContent);
document.addEventListener("htmx:beforeSwap", (event) => {
  const held = document.activeElement;
  left = held !== document.body && event.detail.target.contains(held) ? held : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (!left || left.isConnected) return;
  const like = all(`#main ${left.localName}`).find((one) => isLike(one, left));
  (like ?? document.querySelector("[data-lands]"))?.focus();
  left = null;
});
document.addEventListener("click", (event) => {
  for (const open of all("details.menu[open]")) if (closesBeside(open, event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  const field = document.querySelector("[data-find]");
  if (event.key !== "/" || isTyping || !field || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
// Whoever asked for a place on the page, such as the row that was added, is left there.
// What is to be put right is read out to them all the same, for which it has to come in anew.
const faults = document.querySelector("[data-faults]");
if (!document.querySelector(":target")) faults?.focus();
else if (faults) setTimeout(() => faults.replaceWith(faults.cloneNode(true)), 500);
