// Offers the names of colleagues after an @ in a note. Without this script they are chosen below it.
"use strict";
for (const box of document.querySelectorAll("textarea[data-mentions]")) {
  const names = JSON.parse(document.getElementById(box.dataset.mentions)?.textContent || "[]");
  const list = document.createElement("ul");
  list.className = "mentions";
  list.hidden = true;
  box.after(list);

  const begun = () => /@([^@\n]{0,30})$/.exec(box.value.slice(0, box.selectionStart));
  const choose = (name) => {
    const found = begun();
    if (!found) return;
    const from = box.selectionStart - found[1].length;
    box.setRangeText(`${name} `, from, box.selectionStart, "end");
    list.hidden = true;
    box.focus();
  };
  box.addEventListener("input", () => {
    const found = begun();
    const fitting = found ? names.filter((name) => name.includes(found[1].trim())).slice(0, 8) : [];
    list.replaceChildren(...fitting.map((name) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => choose(name));
      item.append(button);
      return item;
    }));
    list.hidden = fitting.length === 0;
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") list.hidden = true;
    if (event.key === "ArrowDown" && !list.hidden) {
      event.preventDefault();
      list.querySelector("button").focus();
    }
  });
}
