// What is known of a person or a room, and what can be done: a dialog of sentences, each with the line that does it.

import { $, h } from "./view.js";

export class Sheet {
  // `chosen(line)` once somebody wants that.
  constructor(chosen) {
    this.chosen = chosen;
    $("sheet").addEventListener("click", (event) => event.target === $("sheet") && $("sheet").close()); // Beside it.
    $("sheet-close").addEventListener("click", () => $("sheet").close());
  }

  get isOpen() {
    return $("sheet").open;
  }

  open(title, lines, offers) {
    $("sheet-title").replaceChildren(h("bdi", {}, title));
    $("sheet-lines").replaceChildren(...lines.flatMap(([what, is]) => [h("dt", {}, what), h("dd", {}, is)]));
    $("sheet-lines").hidden = lines.length === 0;
    $("sheet-offers").replaceChildren(...offers.map((offer) => h("li", {}, this.button(offer))));
    $("sheet").showModal();
  }

  button({ does, line }) {
    const choose = () => {
      $("sheet").close();
      this.chosen(line);
    };
    return h("button", { type: "button", onclick: choose }, h("span", {}, does), h("code", {}, line.trim()));
  }
}
