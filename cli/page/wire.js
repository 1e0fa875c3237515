// The WebSocket: told to connect, it reports as that attempt.

const MESSAGE_LETTERS = 10_000; // The server takes 32 768 bytes; a letter is three of them at most.

export class Wire {
  constructor(tell) {
    this.tell = tell;
    this.socket = null;
  }

  connect(attempt) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws`);
    let stood = false;
    this.socket = socket;
    socket.onopen = () => {
      stood = true;
      this.tell({ connected: attempt });
    };
    socket.onmessage = ({ data }) => this.tell({ received: attempt, text: data });
    socket.onclose = () => {
      this.tell({ closed: attempt, why: stood ? "the connection was lost" : "the server cannot be reached" });
    };
  }

  close() {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  // A message is lines, as many as the server takes at once.
  send(lines) {
    let message = "";
    for (const line of lines) {
      if (message !== "" && message.length + line.length > MESSAGE_LETTERS) {
        this.socket?.send(message);
        message = "";
      }
      message += `${line}\n`;
    }
    this.socket?.send(message);
  }
}
