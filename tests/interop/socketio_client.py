"""Lesson 15: what Python's socketio, and several of it, sees of our Socket.IO server.

    socketio_client.py ADDRESS PARSER TRANSPORT...

PARSER is JSON or MessagePack; the transports are polling, websocket, or both of them: then a connection begins with
the first and moves to the second.
"""

import asyncio
import sys
from collections import defaultdict
from unittest import IsolatedAsyncioTestCase, main

from aiohttp import ClientSession
from engineio.payload import Payload
from socketio import AsyncClient
from socketio.exceptions import ConnectionError, TimeoutError

ADDRESS, PARSER, *TRANSPORTS = sys.argv[1:]
SERIALIZER = {"JSON": "default", "MessagePack": "msgpack"}[PARSER]
DEADLINE = 20
# How many packets it takes in the body of one answer: 16, if nothing else is said.
Payload.max_decode_packets = 1000
BYTES = b"\x00\x01\xfe\xff"


class Peer(AsyncClient):
    """A client that keeps what it hears until somebody asks."""

    def __init__(self, session):
        super().__init__(reconnection=False, serializer=SERIALIZER, http_session=session)
        self.heard = defaultdict(asyncio.Queue)
        self.answers = {}
        self.on("*", self.hear, namespace="*")
        self.on("connect_error", lambda nsp, error: self.hear("connect_error", nsp, error), namespace="*")
        self.on("disconnect", lambda nsp, reason: self.hear("disconnect", nsp, reason), namespace="*")

    def hear(self, event, nsp, *args):
        self.heard[event, nsp].put_nowait(args)
        if answer := self.answers.get(event):
            return answer(*args)

    async def next(self, event, nsp="/"):
        """The arguments of the next event of this name."""
        try:
            return await asyncio.wait_for(self.heard[event, nsp].get(), DEADLINE)
        except asyncio.TimeoutError:
            raise AssertionError(f"waited {DEADLINE} s for {event} in {nsp}, and it did not come")

    async def leave(self):
        """Disconnects. Without the wait, a client that polls and has not heard yet that its last packet arrived
        would not say so to the server."""
        if self.connected:
            await self.eio.queue.join()
        await self.disconnect()

    async def ask(self, event, *args, nsp="/"):
        return await self.call(event, args, namespace=nsp, timeout=DEADLINE)


def goodbye():
    """What the server makes of this client's leaving. It closes a WebSocket before it says so, and in MessagePack it
    adds `data: None`, which is no such packet for the reference either."""
    if "websocket" in TRANSPORTS:
        return "transport close"
    return {"JSON": "client namespace disconnect", "MessagePack": "forced close"}[PARSER]


class Server(IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # which unittest turns on: it warns of what is slow
        self.session = ClientSession()
        self.addAsyncCleanup(self.session.close)

    async def join(self, *namespaces, auth=None):
        peer = Peer(self.session)
        self.addAsyncCleanup(peer.leave)
        await peer.connect(
            ADDRESS, auth=auth, transports=TRANSPORTS, namespaces=list(namespaces or "/"), wait_timeout=DEADLINE
        )
        return peer

    async def refused(self, namespace, auth=None):
        """Why a client may not come in."""
        peer = Peer(self.session)
        with self.assertRaises(ConnectionError):
            await peer.connect(
                ADDRESS, auth=auth, transports=TRANSPORTS, namespaces=[namespace], wait_timeout=DEADLINE
            )
        (error,) = await peer.next("connect_error", namespace)
        return error

    async def test_who_connects_is_told_who_it_is_and_has_shown_what_it_has(self):
        auth = {"token": "κόσμε", "n": [1]}
        peer = await self.join(auth=auth)
        self.assertEqual(await peer.next("welcome"), (peer.get_sid("/"), auth))
        self.assertEqual(peer.transport(), TRANSPORTS[-1])

    async def test_arguments_of_all_kinds_go_both_ways(self):
        peer = await self.join()
        for args in [
            (),
            ("text", 1, -2.5, True, None, [1, [2]], {"a": {"b": ["c"]}}),
            ("κόσμε 😀", '"quoted" \\ \n \u2028 \0', ""),
            (BYTES,),
            ({"a": BYTES, "b": [b"b", {"c": b""}]}, "between", bytes(70_000)),
        ]:
            await peer.emit("echo", args)
            self.assertEqual(await peer.next("echo"), args)

    async def test_a_client_asks(self):
        peer = await self.join()
        self.assertEqual(await peer.ask("add", 20, 22), 42)
        self.assertIsNone(await peer.ask("nothing"))
        self.assertEqual(await peer.ask("ask", {"deep": [BYTES, BYTES]}), {"deep": [BYTES, BYTES]})
        self.assertEqual(await peer.ask("ask", 1, "two", [3]), (1, "two", [3]))
        # Python writes these characters as escapes.
        self.assertEqual(await peer.ask('κόσμε "\\\n😀', "a name of any characters"), "a name of any characters")

    async def test_a_client_is_refused_an_answer_and_told_why(self):
        peer = await self.join()
        refusal = {"error": {"message": "not today", "data": {"try": "tomorrow"}}}
        self.assertEqual(await peer.ask("refuse"), refusal)
        self.assertEqual(await peer.ask("panic"), {"error": {"message": "internal error"}})
        self.assertIn("nobody handles this", (await peer.ask("nobody handles this"))["error"]["message"])

    async def test_a_client_that_gets_no_answer_in_time_waits_no_longer(self):
        peer = await self.join()
        with self.assertRaises(TimeoutError):
            await peer.call("ask slowly", timeout=0.05)

    async def test_the_server_asks(self):
        peer = await self.join()
        peer.answers["question"] = lambda what: (what, BYTES, "more")
        await peer.emit("call me", ("question", 10_000, {"what": "else"}))
        self.assertEqual(await peer.next("answered"), ({"what": "else"}, BYTES, "more"))

    async def test_the_server_waits_no_longer_than_it_said_and_a_late_answer_harms_nothing(self):
        peer = await self.join()
        may_answer = asyncio.Event()

        async def late(event, *args):
            await may_answer.wait()
            return "too late"

        peer.on("question", late)
        peer.on("unanswered", lambda why: peer.hear("unanswered", "/", why))
        await peer.emit("call me", ("question", 50, None))
        self.assertEqual(await peer.next("unanswered"), ("expected an answer within 50ms, came none",))
        may_answer.set()
        self.assertEqual(await peer.ask("add", 1, 2), 3)

    async def test_events_are_handled_in_order_though_handlers_wait(self):
        peer = await self.join()
        for number in range(300):
            await peer.emit("number", number)
        self.assertEqual([await peer.next("number") for _ in range(300)], [(number,) for number in range(300)])

    async def test_several_namespaces_share_a_connection_and_nothing_else(self):
        names = ["/", "/other", "/house-κόσμε"]
        peer = await self.join(*names)
        ids = [(await peer.next("welcome", nsp))[0] for nsp in names]
        self.assertEqual(ids, [peer.get_sid(nsp) for nsp in names])
        self.assertEqual(len(set(ids)), 3)
        await peer.emit("echo", BYTES, namespace="/other")
        self.assertEqual(await peer.next("echo", "/other"), (BYTES,))
        for nsp in names:
            self.assertEqual(await peer.ask("add", 1, 2, nsp=nsp), 3)
            self.assertTrue(peer.heard["echo", nsp].empty())
        await peer.emit("disconnect me", namespace="/other")
        self.assertEqual(await peer.next("disconnect", "/other"), (peer.reason.SERVER_DISCONNECT,))
        self.assertEqual(await peer.ask("add", 1, 2), 3)

    async def test_who_may_not_come_in_is_told_why(self):
        error = await self.refused("/guarded", {"token": "friend", "name": "Ali"})
        self.assertEqual(error, {"message": "not authorized", "data": {"token": "friend"}})
        self.assertEqual((await self.refused("/nowhere"))["message"], "Invalid namespace")
        peer = await self.join("/guarded", auth={"token": "sesame", "name": "Ali"})
        self.assertEqual(await peer.ask("who am i", nsp="/guarded"), "Ali")

    async def test_each_who_is_meant_hears_it_once(self):
        a, b, c = [await self.join() for _ in range(3)]
        await a.ask("join", "x")
        await b.ask("join", "x")
        await b.ask("join", "y")
        self.assertEqual(await b.ask("rooms"), [b.get_sid("/"), "x", "y"])
        words = {"number": 7, "bytes": BYTES}
        for audience, expected in [
            ({"to": ["x", "y"]}, [1, 1, 0]),
            ({"except": ["y"]}, [1, 0, 1]),
            ({"to": ["x"], "except": ["y"]}, [1, 0, 0]),
            ({"to": ["x"], "myself": False}, [0, 1, 0]),
            ({"myself": False}, [0, 1, 1]),
            ({"to": [c.get_sid("/")]}, [0, 0, 1]),
        ]:
            await a.ask("say", audience, words)
            came = []
            for peer in (a, b, c):
                await peer.ask("nothing")  # What is answered now was asked after it was said.
                heard = peer.heard["heard", "/"]
                came.append(heard.qsize())
                while not heard.empty():
                    self.assertEqual(heard.get_nowait(), (words,))
            self.assertEqual(came, expected, audience)

    async def test_each_end_has_its_reasons(self):
        watcher = await self.join()

        async def ends(leave, here, there):
            peer = await self.join()
            sid = peer.get_sid("/")
            await leave(peer)
            self.assertEqual(await peer.next("disconnect"), (here,))
            # Clients of earlier tests may be leaving, too.
            while (left := await watcher.next("left"))[0] != sid:
                pass
            self.assertEqual(left[1], there)

        why = watcher.reason
        await ends(Peer.leave, why.CLIENT_DISCONNECT, goodbye())
        await ends(lambda peer: peer.emit("disconnect me"), why.SERVER_DISCONNECT, "server namespace disconnect")
        await ends(lambda peer: peer.emit("hang up"), why.SERVER_DISCONNECT, "server namespace disconnect")


main(argv=["socketio"], verbosity=0)
