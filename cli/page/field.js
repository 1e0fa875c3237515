// The field that messages are typed in: it grows, completes names, and brings back what was typed before.

const TYPED_MAX = 50;
const ROWS_MAX = 6;

export const wellFormed = (text) => text.toWellFormed?.() ?? text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD");

export class Field {
  // `people()` are those whose names are completed.
  constructor(entry, people) {
    this.entry = entry;
    this.people = people;
    this.before = [];
    this.at = -1; // Which of those is shown; none.
    this.aside = ""; // What was being typed when a line was offered.
    entry.addEventListener("input", () => this.fit());
  }

  fit() {
    this.entry.rows = Math.min(ROWS_MAX, this.entry.value.split("\n").length);
  }

  // What is there was sent.
  clear() {
    this.before = [...this.before, this.entry.value].slice(-TYPED_MAX);
    this.at = -1;
    this.entry.value = this.aside;
    this.aside = "";
    this.fit();
  }

  // Puts a line there for somebody to finish and send; what they were typing comes back after it.
  offer(line) {
    const { entry } = this;
    if (!entry.value.startsWith("/")) this.aside ||= entry.value;
    entry.value = line;
    entry.setSelectionRange(line.length, line.length);
    this.fit();
    entry.focus();
  }

  // Whether a key is this field's business.
  key({ key, shiftKey }) {
    if (key === "Tab" && !shiftKey) return this.complete();
    if ((key === "ArrowUp" || key === "ArrowDown") && (this.entry.value === "" || this.at >= 0)) return this.recall(key);
    return false;
  }

  // `@ad` and Tab: the name that begins so.
  complete() {
    const { entry } = this;
    const [upTo, after] = [entry.value.slice(0, entry.selectionStart), entry.value.slice(entry.selectionEnd)];
    const begun = /@([^\s@:,]+)$/u.exec(upTo)?.[1];
    const fits = ({ nick }) => begun && nick.toLowerCase().startsWith(begun.toLowerCase());
    const person = this.people().find(fits);
    if (!person) return false;
    const before = upTo.slice(0, -begun.length) + person.nick + (after.startsWith(" ") ? "" : " ");
    entry.value = before + after;
    entry.setSelectionRange(before.length, before.length);
    return true;
  }

  recall(key) {
    const last = this.before.length - 1;
    if (last < 0 || (key === "ArrowDown" && this.at < 0)) return false;
    const at = key === "ArrowUp" ? (this.at < 0 ? last : Math.max(0, this.at - 1)) : this.at + 1;
    this.at = at > last ? -1 : at;
    this.entry.value = this.before[this.at] ?? "";
    this.fit();
    return true;
  }
}
