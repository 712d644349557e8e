use std::future::poll_fn;
use std::sync::Arc;

use engineio_packet::{Sid, Transport, payload};
use hyper::header::{HeaderMap, SET_COOKIE, UPGRADE};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, upgrade::on};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::Instrument;

use crate::answer::{self, Answer};
use crate::driver::Driver;
use crate::get::answered;
use crate::handshake::shake_hands;
use crate::http_stream::LeavesWithFrames;
use crate::mailbox::{Delivery, Mailbox};
use crate::registry::Registration;
use crate::shared::Shared;
use crate::socket::{GOODBYE, Socket};
use crate::stream::{TakeBack, Upgrade};
use crate::{Application, Connection, Refusal, RequestHead};

/// Whether the request asks to become a WebSocket.
pub(crate) fn wants_websocket(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a session on polling. The GET that opens it is its first: it takes the `open` packet.
pub(crate) async fn polling(
    shared: &Arc<Shared>,
    application: &impl Application,
    head: Arc<RequestHead>,
    parts: Box<Parts>,
) -> Result<Answer, Refusal> {
    drop(parts);
    let (mailbox, registration) = enter(shared, Transport::Polling)?;
    let span = registration.span(&head);
    let (reply, answer) = oneshot::channel();
    let sid = registration.sid().clone();
    let driver = Driver::polling(Arc::clone(shared), Arc::clone(&mailbox), registration, reply);
    let connection = Connection::new(sid.clone(), head, Arc::clone(shared), driver);
    // What the application begins with belongs to its session too.
    let session = span.in_scope(|| application(connection));
    shared.spawn(session.instrument(span));
    let frames = answered(mailbox, answer).await?.frames;
    let mut answer = answer::payload(payload::encode(&frames).into());
    let cookie = shared.settings.cookie.as_ref().and_then(|cookie| cookie.to_header(&sid));
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// Opens a session on a WebSocket.
pub(crate) fn websocket(
    shared: &Arc<Shared>,
    application: &impl Application,
    head: Arc<RequestHead>,
    parts: Box<Parts>,
    base64: bool,
) -> Result<Answer, Refusal> {
    let (response, switch) = switch(parts)?;
    let (mailbox, registration) = enter(shared, Transport::WebSocket)?;
    let span = registration.span(&head);
    let application = application.clone();
    let (tasks, shared) = (shared, Arc::clone(shared));
    let session = async move {
        // In a box, which is gone when the session begins.
        let Some(socket) = Box::pin(take_over(&shared, switch, base64)).await else { return };
        let sid = registration.sid().clone();
        let driver = Driver::websocket(Arc::clone(&shared), mailbox, registration, *socket);
        let mut connection = Connection::new(sid, head, shared, driver);
        // The client is not to wait until the application looks at its connection.
        poll_fn(|cx| connection.poll_greet(cx)).await;
        application(connection).await;
    };
    tasks.spawn(session.instrument(span));
    Ok(response)
}

/// Brings a WebSocket to the session that it is for.
pub(crate) fn upgrade(
    shared: &Arc<Shared>,
    mailbox: Arc<Mailbox>,
    parts: Box<Parts>,
    base64: bool,
) -> Result<Answer, Refusal> {
    let (response, switch) = switch(parts)?;
    let (tasks, shared) = (shared, Arc::clone(shared));
    tasks.spawn(async move {
        let Some(mut socket) = take_over(&shared, switch, base64).await else { return };
        // The first word is the client's: the 101 waits for no other.
        let patience = shared.settings.write_timeout;
        let _ = timeout(patience, poll_fn(|cx| socket.poll_flush(cx))).await;
        let (refused, back) = oneshot::channel();
        mailbox.push(Delivery::WebSocket(socket, refused));
        if let Ok(socket) = back.await {
            shared.do_or_spawn(socket.close(None), GOODBYE);
        }
    });
    Ok(response)
}

/// A session id that nobody can guess, and its entry.
fn enter(shared: &Shared, transport: Transport) -> Result<(Arc<Mailbox>, Registration), Refusal> {
    // A secret: from the system itself. Two copies of this process would share any other generator.
    let mut random = [0; 15];
    getrandom::fill(&mut random).expect("the operating system has randomness");
    let mailbox = Arc::new(Mailbox::default());
    let registration = shared.registry.enter(&Sid::from_random(random), &mailbox, transport)?;
    Ok((mailbox, registration))
}

/// A connection, once hyper has done with the 101.
struct Switch {
    upgraded: OnUpgrade,
    ours: Option<TakeBack>,
}

/// The 101, and what follows it.
fn switch(parts: Box<Parts>) -> Result<(Answer, Switch), Refusal> {
    let mut response = shake_hands(&parts)?;
    response.extensions_mut().insert(LeavesWithFrames);
    let ours = parts.extensions.get().copied();
    Ok((response, Switch { upgraded: on(Request::from_parts(*parts, ())), ours }))
}

async fn take_over(shared: &Shared, switch: Switch, base64: bool) -> Option<Box<Socket>> {
    let upgrade = Upgrade::of(switch.upgraded.await.ok()?, switch.ours);
    let max_payload = shared.settings.session.max_payload;
    Some(Box::new(Socket::open(upgrade, max_payload, base64)))
}
