"use strict";

const players = document.querySelectorAll("audio");
for (const player of players) {
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    const number = cell.querySelector("data");
    return number ? Number(number.value) : cell.textContent.trim().toLowerCase();
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rows = [...body.rows];
      const first = rows.length ? key(rows[0], column) : "";
      const usual = typeof first === "number" && column > 0 ? "descending" : "ascending";
      const reversed = usual === "descending" ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === usual ? reversed : usual;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => {
        const [one, two] = [key(a, column), key(b, column)];
        return sign * (typeof one === "number" ? one - two : one.localeCompare(two));
      });
      body.append(...rows);
    });
  });
}
