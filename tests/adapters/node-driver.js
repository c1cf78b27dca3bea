// SPDX-License-Identifier: ISC
// Does what the lines of standard input say with the client for Node.js, all at
// once, and answers each on a line of its own.  It ends with its input.
'use strict';

const fs = require('fs');
const { Keyd, headers } = require('keyd-client');

const keyd = new Keyd(JSON.parse(process.argv[2]));

// Hears of nothing until whoever writes to this FIFO has closed it.
function think(fifo) {
  fs.readFileSync(fifo);
}

const calls = {
  verify: (token, permission) => keyd.verify(token, permission),
  bearer: (value, permission) => keyd.verifyBearer(value, permission),
  many: (tokens) => Promise.all(tokens.map((token) => keyd.verify(token, 'tests:run'))),
  busy(fifo, token) { // asks, and then thinks about something else
    setImmediate(think, fifo);
    return keyd.verify(token);
  },
  late(fifo, ...tokens) { // asks before it hears what has happened meanwhile
    think(fifo);
    return Promise.all(tokens.map((token) => keyd.verify(token)));
  },
  close: () => keyd.close(),
};

const answer = (found) => (Array.isArray(found) ? found : { ...found, headers: headers(found ?? {}, 'r"1') });

require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const [name, ...args] = JSON.parse(line);
  const begin = performance.now();
  const found = await calls[name](...args);
  const ms = performance.now() - begin;
  console.log(JSON.stringify({ found: name === 'close' ? null : answer(found), ms }));
});
