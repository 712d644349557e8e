"""Lesson 18: Python's socketio, as a server for our client.

    socketio_server.py SETTINGS

The settings are a JSON object. Each line of the output is what happened, as a JSON array; the first is the address.
It stays until its input ends.
"""

import asyncio
import json
import os
import ssl
import sys

from aiohttp import web
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError, TimeoutError

settings = json.loads(sys.argv[1])
io = AsyncServer(
    async_mode="aiohttp",
    namespaces=["/", "/other", "/guarded"],
    serializer={"JSON": "default", "MessagePack": "msgpack"}[settings["parser"]],
    transports=settings.get("transports"),
    # Over polling it is a ping that tells it of who has gone without a word.
    ping_interval=1,
    ping_timeout=5,
)
deaf_to = set()


def tell(*what):
    print(json.dumps(what), flush=True)


def serve(nsp):
    @io.on("connect", namespace=nsp)
    async def connect(sid, environ, auth):
        tell(nsp, "connect", sid, auth, io.transport(sid, nsp))

    @io.on("disconnect", namespace=nsp)
    async def disconnect(sid, reason):
        tell(nsp, "disconnect", sid, reason)

    @io.on("tell", namespace=nsp)
    async def hear(sid, *args):
        tell(nsp, "hears", *args, io.transport(sid, nsp))

    @io.on("ask", namespace=nsp)
    async def ask(sid, *args):
        return args

    @io.on("words", namespace=nsp)
    async def words(sid, words):
        # As they came, if they are what they were: bytes, several and at several depths.
        [empty, nothing, number] = words["deep"]
        assert (empty, nothing, number) == (b"", None, words["bytes"]), words
        await io.emit("words", words, to=sid, namespace=nsp)
        return words

    @io.on("ask me", namespace=nsp)
    async def ask_me(sid, name, seconds, *args):
        try:
            tell(nsp, "is answered", await io.call(name, args, to=sid, namespace=nsp, timeout=seconds))
        except TimeoutError:
            tell(nsp, "is not answered")

    @io.on("send me", namespace=nsp)
    async def send_me(sid, name, *args):
        await io.emit(name, args, to=sid, namespace=nsp)

    @io.on("say twice", namespace=nsp)
    async def hear_twice(sid, what):
        tell(nsp, "hears", what)
        if what not in deaf_to:
            deaf_to.add(what)
            await io.sleep(3600)  # no answer

    @io.on("echo", namespace=nsp)
    async def echo(sid, *args):
        tell(nsp, "echo", *args)

    @io.on("disconnect me", namespace=nsp)
    async def disconnect_me(sid):
        await io.disconnect(sid, namespace=nsp)


@io.on("connect", namespace="/guarded")
async def refuse(sid, environ, auth):
    raise ConnectionRefusedError("members only", {"seen": auth})


async def main():
    serve("/")
    serve("/other")
    app = web.Application()
    io.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    tls = None
    if "cert" in settings:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(settings["cert"], settings["key"])
    site = web.TCPSite(runner, "127.0.0.1", settings.get("port", 0), ssl_context=tls)
    await site.start()
    tell("listening", "http://{}:{}".format(*runner.addresses[0]))
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # a cleanup would wait for polls that are under way


asyncio.run(main())
