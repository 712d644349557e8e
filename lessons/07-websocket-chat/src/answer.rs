use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, upgrade};

use crate::handshake::{shake_hands, to_hyper};
use crate::{Chat, Refusal, Visitor};

/// What is sent: the whole answer is known before its first byte leaves.
pub(crate) type Answer = Response<Full<Bytes>>;

/// One who was let in, and the connection that will be its WebSocket once the answer was sent.
pub(crate) struct Admitted {
    pub(crate) visitor: Visitor,
    pub(crate) upgrade: OnUpgrade,
}

/// Answers one request: with the page, with the change to a WebSocket, or with a refusal.
pub(crate) fn answer<B: Body>(chat: &Chat, request: Request<B>) -> (Answer, Option<Admitted>) {
    let answered = match (request.uri().path(), request.method()) {
        ("/", &Method::GET | &Method::HEAD) => Ok((page(), None)),
        ("/", method) => Err(Refusal::Method { came: method.to_string() }),
        ("/chat", _) => admit(chat, request).map(|(answer, admitted)| (answer, Some(admitted))),
        (path, _) => Err(Refusal::NotFound { came: path.to_owned() }),
    };
    answered.unwrap_or_else(|refusal| (refused(&refusal), None))
}

fn admit<B: Body>(chat: &Chat, request: Request<B>) -> Result<(Answer, Admitted), Refusal> {
    let answer = shake_hands(&request, &chat.policy)?;
    let visitor = chat.room.enter()?;
    Ok((answer, Admitted { visitor, upgrade: upgrade::on(request) }))
}

fn page() -> Answer {
    response(StatusCode::OK, "text/html; charset=utf-8", include_str!("page.html"))
}

fn refused(refusal: &Refusal) -> Answer {
    if let Refusal::Handshake(refusal) = refusal {
        return to_hyper(refusal.to_response());
    }
    let text = format!("{refusal}\n");
    let mut response = response(refusal.status(), "text/plain; charset=utf-8", text);
    match refusal {
        // RFC 9110, section 15.5.6: "The origin server MUST generate an Allow header field in a 405
        // response".
        Refusal::Method { .. } => {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        Refusal::Full { .. } | Refusal::Stopping => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    response
}

fn response(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A connection is for one request: then it chats, or it ends.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
