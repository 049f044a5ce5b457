// Comfort only: without this file the button "Preview" does the same, with the whole page.
"use strict";
{
  const form = document.getElementById("policy_form");
  const says = document.getElementById("policy-says");
  const root = document.documentElement;

  // The server draws the fields of a kind, with what the kind suggests.
  const showFields = async (select) => {
    const group = select.closest("[data-fields-url]");
    const box = select.closest(".policy-part").querySelector(".kind-fields");
    const asked = new URLSearchParams({ prefix: select.name.replace(/-kind$/, ""), kind: select.value });
    box.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(`${group.dataset.fieldsUrl}?${asked}`);
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const html = await response.text();
      if (asked.get("kind") !== select.value) return;
      box.innerHTML = html;
      for (const list of box.querySelectorAll("select.selectfilter")) {
        SelectFilter.init(list.id, list.dataset.fieldName, false);
      }
    } catch {
      // The way without scripts is still there.
      root.classList.remove("has-script");
    } finally {
      box.removeAttribute("aria-busy");
    }
    schedule();
  };

  // What would be sent; the lists with two boxes choose what is in the second one only when the form leaves.
  const filledIn = () => {
    const data = new FormData(form);
    for (const list of form.querySelectorAll("select[id$=_to]")) {
      data.delete(list.name);
      for (const option of list.options) data.append(list.name, option.value);
    }
    return new URLSearchParams(data).toString();
  };

  let timer, running, last = says && filledIn();
  const sayIt = async () => {
    const body = filledIn();
    if (body === last) return;
    last = body;
    running?.abort();
    running = new AbortController();
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const response = await fetch(says.dataset.url, { method: "POST", headers, body, signal: running.signal });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const html = await response.text();
      if (html.trim() !== says.innerHTML.trim()) says.innerHTML = html;
    } catch (error) {
      if (error.name === "AbortError") return;
      says.textContent = says.dataset.failed;
      root.classList.remove("has-script");
    }
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(sayIt, 400);
  };

  if (form && says) {
    root.classList.add("has-script");
    form.addEventListener("change", (event) => {
      if (event.target.matches("select[name$=-kind]")) showFields(event.target);
    });
    for (const what of ["input", "change", "click", "dblclick", "keyup"]) form.addEventListener(what, schedule);
    document.addEventListener("formset:removed", () => {
      // The others were numbered anew, but for the help that belongs to them.
      for (const field of form.querySelectorAll(".policy-part [id][aria-describedby$=_helptext]")) {
        const help = field.closest(".form-row").querySelector(".help[id]");
        if (help) field.setAttribute("aria-describedby", help.id);
      }
      schedule();
    });
  }
}
