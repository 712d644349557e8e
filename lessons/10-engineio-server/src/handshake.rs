//! Between hyper's types and those of lesson 04, which decides what is a handshake.

use bytes::Bytes;
use http_body_util::Full;
use http_message::{Header, Headers, Request, Response, Version};
use hyper::http;
use hyper::http::request::Parts;
use websocket_handshake::{Origins, Policy, Refusal, accept};

/// The 101 for a request that asks for a WebSocket.
///
/// Which pages may connect is not asked here: polling has no such check either, so whoever needs one
/// needs it in [`allow_request`](crate::Builder::allow_request), which both pass.
///
/// # Errors
///
/// When it is no such request.
pub(crate) fn shake_hands(parts: &Parts) -> Result<hyper::Response<Full<Bytes>>, Refusal> {
    let policy = Policy { origins: Origins::Any, subprotocols: Vec::new() };
    accept(&from_hyper(parts), &policy).map(|accepted| to_hyper(accepted.response))
}

fn from_hyper(parts: &Parts) -> Request {
    let mut headers = Headers::default();
    for (name, value) in &parts.headers {
        headers.push(Header { name: name.to_string(), value: value.as_bytes().to_vec() });
    }
    Request {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        version: match parts.version {
            http::Version::HTTP_11 => Version::Http11,
            _ => Version::Http10,
        },
        headers,
        body: Vec::new(),
    }
}

/// A response as hyper sends it.
pub(crate) fn to_hyper(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut sent = hyper::Response::builder().status(response.status.code());
    for header in response.headers().iter() {
        sent = sent.header(header.name.as_str(), header.value.as_slice());
    }
    sent.body(Full::from(response.body))
        .expect("lesson 01 lets no other status and headers through")
}
