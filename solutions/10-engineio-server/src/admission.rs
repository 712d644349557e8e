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
    // ANCHOR: step_10_1
    if parts.method != Method::GET {
        return Err(Refusal::BadHandshakeMethod);
    }
    match (transport, wants_websocket(&parts.headers)) {
        (Transport::Polling, false) => Ok(Admission::OpenPolling),
        (Transport::WebSocket, true) => Ok(Admission::OpenWebSocket),
        _ => Err(Refusal::BadRequest),
    }
    // ANCHOR_END: step_10_1
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
    // ANCHOR: step_10_2
    match (transport, wants_websocket(&parts.headers), &parts.method) {
        (Transport::WebSocket, true, _) => Ok(Admission::Upgrade(mailbox)),
        (Transport::Polling, false, &Method::GET) => Ok(Admission::Get(mailbox)),
        (Transport::Polling, false, &Method::POST) => Ok(Admission::Post(mailbox)),
        (Transport::Polling, false, method) => Err(Refusal::Method { came: method.to_string() }),
        _ => Err(Refusal::BadRequest),
    }
    // ANCHOR_END: step_10_2
}
