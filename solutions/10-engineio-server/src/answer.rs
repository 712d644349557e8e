use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

use crate::Refusal;
use crate::compression::Encoding;
use crate::handshake::to_hyper;

/// The answer to a request: all of it is known before its first byte leaves.
pub type Answer = Response<Full<Bytes>>;

/// A payload for a GET.
pub(crate) fn payload(body: Bytes) -> Answer {
    no_store(response(StatusCode::OK, "text/plain; charset=UTF-8", body))
}

/// A payload for a GET, compressed.
pub(crate) fn compressed(encoding: Encoding, body: Bytes) -> Answer {
    let mut answer = payload(body);
    let encoding = HeaderValue::from_static(encoding.name());
    answer.headers_mut().insert(CONTENT_ENCODING, encoding);
    answer
}

/// The answer to a preflight, which is all in its headers.
pub(crate) fn no_content() -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// The receipt for a POST. As `text/plain` some browsers would offer it for download.
pub(crate) fn ok() -> Answer {
    no_store(response(StatusCode::OK, "text/html", "ok"))
}

/// A refusal, in JSON.
pub(crate) fn refused(refusal: &Refusal, upgrade: bool) -> Answer {
    if let Refusal::Handshake(refusal) = refusal {
        return to_hyper(refusal.to_response());
    }
    if upgrade {
        return refused_websocket(refusal);
    }
    let mut response = response(refusal.status(), "application/json", refusal.to_json());
    match refusal {
        // RFC 9110, section 15.5.6: "The origin server MUST generate an Allow header field in a 405
        // response".
        Refusal::Method { .. } => {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        Refusal::Full { .. } | Refusal::Stopping => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    response
}

/// What asks for a WebSocket is refused as the reference does it: always 400, the words alone, and the
/// connection is of no more use.
fn refused_websocket(refusal: &Refusal) -> Answer {
    let mut response = response(StatusCode::BAD_REQUEST, "text/html", refusal.to_string());
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What a cache kept would be old news, and somebody else's.
fn no_store(mut response: Answer) -> Answer {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn response(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // A payload can be a script of whoever has the session: `44/attack(),{…}`. No page may run it.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
