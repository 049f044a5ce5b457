// Policies are put in order by dragging. Comfort only: the buttons "Up" and "Down" do the same, step by step.
"use strict";
{
  const form = document.getElementById("policy-order");
  const status = document.getElementById("policy-order-status");
  const list = document.querySelector("#result_list tbody");
  const EDGE = 72; // so near to the edge of the window the page scrolls along

  // What the server said after a move is heard as well as seen.
  const said = document.querySelector(".messagelist li");
  if (said && status) setTimeout(() => (status.textContent = said.textContent.trim()), 300);

  if (form && list && list.rows.length > 1) {
    for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
    let drag = null;

    const order = () => Array.from(list.querySelectorAll("[data-pk]"), (handle) => handle.dataset.pk).join(",");
    const middle = (row) => {
      const box = row.getBoundingClientRect();
      return box.top + box.height / 2;
    };

    // The others go around the row that is held: what holds the pointer must stay in the page.
    const follow = (y) => {
      const { row } = drag;
      for (let before; (before = row.previousElementSibling) && y < middle(before); ) row.after(before);
      for (let after; (after = row.nextElementSibling) && y > middle(after); ) row.before(after);
      const place = Array.prototype.indexOf.call(list.rows, row) + 1;
      if (place === drag.place) return;
      drag.place = place;
      status.textContent = form.dataset.place
        .replace("{name}", drag.handle.dataset.name)
        .replace("{place}", place)
        .replace("{all}", list.rows.length);
    };

    const scrollAlong = () => {
      if (!drag) return;
      const step = drag.y < EDGE ? -8 : drag.y > innerHeight - EDGE ? 8 : 0;
      if (step) {
        scrollBy({ top: step, behavior: "instant" });
        follow(drag.y);
      }
      requestAnimationFrame(scrollAlong);
    };

    const end = (keep) => {
      if (!drag) return;
      const { row, handle, before, rows } = drag;
      drag = null;
      row.classList.remove("dragged");
      document.body.classList.remove("ordering");
      if (!keep) {
        list.append(...rows);
        status.textContent = form.dataset.canceled;
      } else if (order() !== before) {
        form.elements.order.value = order();
        form.elements.moved.value = handle.dataset.pk;
        form.requestSubmit();
      }
    };

    list.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest(".drag-handle");
      if (!handle || drag || event.button !== 0) return;
      event.preventDefault();
      const row = handle.closest("tr");
      const place = row.rowIndex - list.rows[0].rowIndex + 1;
      drag = { handle, row, place, before: order(), rows: [...list.rows], y: event.clientY, id: event.pointerId };
      handle.setPointerCapture(event.pointerId);
      row.classList.add("dragged");
      document.body.classList.add("ordering");
      requestAnimationFrame(scrollAlong);
    });
    list.addEventListener("pointermove", (event) => {
      if (drag?.id !== event.pointerId) return;
      drag.y = event.clientY;
      follow(drag.y);
    });
    list.addEventListener("pointerup", (event) => drag?.id === event.pointerId && end(true));
    list.addEventListener("pointercancel", (event) => drag?.id === event.pointerId && end(false));
    document.addEventListener("keydown", (event) => event.key === "Escape" && end(false));
  }
}
