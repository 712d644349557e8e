'use strict';

const { createServer } = require('node:http');
const { Server } = require('socket.io');

if (process.argv[2] === '--version') {
  const { version } = require('socket.io/package.json');
  console.log(`socket.io ${version} on Node ${process.version}`);
  process.exit();
}

const http = createServer();
const io = new Server(http, { serveClient: false });

io.on('connection', (socket) => {
  socket.on('echo', (text) => socket.emit('echo', text));
  socket.on('binary', (bytes) => socket.emit('binary', bytes));
  socket.on('ack', (text, answer) => answer(text));
  socket.on('broadcast', (text) => io.emit('broadcast', text));
  socket.on('join', (room, answer) => {
    socket.join(room);
    answer();
  });
  socket.on('room', (text) => io.to('room').emit('room', text));
});

http.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${http.address().port}`));
process.stdin.resume().on('end', () => process.exit());
