// The question who somebody is, and the server's password if it takes one.

import { $ } from "./view.js";

export class Who {
  // `answered({ nick, password })` once there is an answer.
  constructor(answered) {
    $("who-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const nick = $("nick").value.trim();
      if (nick !== "") answered({ nick, password: $("password").value || null });
    });
    $("who").addEventListener("cancel", (event) => event.preventDefault());
  }

  get isOpen() {
    return $("who").open;
  }

  ask({ text, error = "", nick = "", takesPassword = false }) {
    $("who-text").textContent = text ?? "What should the others call you?";
    $("nick").value = nick;
    this.complain(error);
    // Once a server has asked for it, it asks every time.
    if (takesPassword) $("password-part").hidden = false;
    $("password").required = !$("password-part").hidden;
    if (!this.isOpen) $("who").showModal();
    $(takesPassword ? "password" : "nick").select();
  }

  complain(error) {
    $("who-error").textContent = error;
  }

  close() {
    if (this.isOpen) $("who").close();
  }
}
