use std::sync::Arc;

use engineio_packet::{Sid, Transport};
use hyper::Method;
use hyper::http::request::Parts;

use crate::Refusal;
use crate::mailbox::Mailbox;
use crate::open::wants_websocket;
use crate::query::Query;
use crate::shared::Shared;

/// What a request is for.
#[derive(Debug)]
pub(crate) enum Admission {
    /// A new session on polling.
    OpenPolling,
    /// A new session on a WebSocket.
    OpenWebSocket,
    /// A WebSocket for this session.
    Upgrade(Arc<Mailbox>),
    /// What waits for the client of this session.
    Get(Arc<Mailbox>),
    /// What the client of this session says.
    Post(Arc<Mailbox>),
}

/// Decides what a request is for, in the order in which the reference looks at it.
pub(crate) fn admit(shared: &Shared, parts: &Parts, query: &Query) -> Result<Admission, Refusal> {
    let transport = query
        .transport
        .filter(|transport| shared.settings.transports.contains(transport))
        .ok_or(Refusal::UnknownTransport)?;
    match &query.sid {
        Some(sid) => admit_to_session(shared, parts, query, transport, sid),
        None => admit_new(parts, transport),
    }
}

fn admit_new(parts: &Parts, transport: Transport) -> Result<Admission, Refusal> {
    // TODO step 10.1: Answer the handshake
    //
    // A request without a session id opens a session. `admit_new` decides which (Engine.IO
    // protocol, "Handshake"): a GET for polling is `Admission::OpenPolling`; a GET for a WebSocket,
    // if it asks for the upgrade, is `Admission::OpenWebSocket`. Another method is
    // `Refusal::BadHandshakeMethod`, and it is looked at first; a WebSocket without the upgrade, or
    // polling with it, is `Refusal::BadRequest`.
    //
    // `to_json` is the body of a refusal: `{"code":0,"message":"Transport unknown"}`. The message
    // may come from the application and hold anything, so it has to be escaped. When both stand,
    // run the example `engineio-echo` and ask it with curl.
    //
    // Stuck? cargo course hint 10.1
    todo!("step 10.1: Answer the handshake (cargo course hint 10.1)")
}

/// Version 3 is not spoken.
pub(crate) fn check_version(query: &Query) -> Result<(), Refusal> {
    if query.is_version_4 { Ok(()) } else { Err(Refusal::UnsupportedVersion) }
}

fn admit_to_session(
    shared: &Shared,
    parts: &Parts,
    query: &Query,
    transport: Transport,
    sid: &Sid,
) -> Result<Admission, Refusal> {
    let mailbox = shared.registry.find(sid).ok_or(Refusal::UnknownSid)?;
    if !query.is_version_4 {
        return Err(Refusal::BadRequest);
    }
    // TODO step 10.2: A request finds its session
    //
    // Every request of a session that polls may come on another connection, and each connection has
    // a task of its own. Only one task may touch the session, so the others leave what came in its
    // mailbox.
    //
    // `admit_to_session` says what a request is for: `Upgrade` for a WebSocket that asks for the
    // upgrade, `Get` and `Post` on polling without it; another method on polling is
    // `Refusal::Method`, and all else `Refusal::BadRequest`.
    //
    // `push` puts a delivery at the end, unless the mailbox is closed, and wakes the task if it
    // sleeps. `poll_take` takes the oldest delivery; if there is none, it leaves the task's waker
    // there. Nobody else wakes the task but its clock: where an answer comes late, with a ping
    // (`2`) behind it, a waker was missing.
    //
    // `take_get` tells the machine that a GET came: if it is taken, the reply waits in `self.get`
    // until the machine has an answer; if not, the reason is the answer.
    //
    // Stuck? cargo course hint 10.2
    todo!("step 10.2: A request finds its session (cargo course hint 10.2)")
}
