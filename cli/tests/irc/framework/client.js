// A client made of irc-framework, which The Lounge and Kiwi are made of: it says each line of its input in a room, with a
// label, and writes down what it was shown, its own echoes among it. Run by clients.py.
//
//     node client.js PORT NICK ROOM          NODE_PATH is where irc-framework was installed

const readline = require('node:readline');
const IRC = require('irc-framework');

const [port, nick, room] = process.argv.slice(2);
const client = new IRC.Client();
client.requestCap(['draft/chathistory', 'labeled-response', 'standard-replies']);
client.connect({
    host: '127.0.0.1',
    port: Number(port),
    nick,
    username: nick,
    gecos: nick,
    enable_echomessage: true,
    enable_setname: true,
    enable_chghost: true,
    auto_reconnect: false, // It would wait for seconds, and not come back at all if it was hardly there.
});

let said = 0;
let here = false;
let leaves = false;
const waiting = [];
const say = (text) => client.say(room, text, { label: `l${(said += 1)}` });

client.on('registered', () => client.join(room));
client.on('join', (event) => {
    if (event.nick === client.user.nick) {
        here = true;
        waiting.splice(0).forEach(say);
    }
});
client.on('message', (event) => {
    if (event.target === room) {
        console.log(event.message);
    }
});
client.on('irc error', (event) => console.error(JSON.stringify(event)));

const input = readline.createInterface({ input: process.stdin });
input.on('line', (line) => (here ? say(line) : waiting.push(line)));
input.on('close', () => {
    leaves = true;
    client.quit('bye');
});
client.on('close', () => {
    here = false;
    if (leaves) {
        process.exit(0);
    }
    setTimeout(() => client.connect(), 100);
});
