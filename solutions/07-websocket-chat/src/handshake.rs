//! Between hyper's types and those of lesson 04, which decides what is a handshake and which pages may
//! begin one.

use bytes::Bytes;
use http_body_util::Full;
use http_message::{Header, Headers, Request, Response, Version};
use hyper::body::Body;
use hyper::http;
use websocket_handshake::{Policy, Refusal, accept};

/// The 101 for a request that asks for a WebSocket.
///
/// # Errors
///
/// When it has to be refused.
pub(crate) fn shake_hands<B: Body>(
    request: &hyper::Request<B>,
    policy: &Policy,
) -> Result<hyper::Response<Full<Bytes>>, Refusal> {
    if !request.body().is_end_stream() {
        let came = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
        return Err(Refusal::Body { came });
    }
    accept(&from_hyper(request), policy).map(|accepted| to_hyper(accepted.response))
}

/// A request without its body.
fn from_hyper<B>(request: &hyper::Request<B>) -> Request {
    let mut headers = Headers::default();
    for (name, value) in request.headers() {
        headers.push(Header { name: name.to_string(), value: value.as_bytes().to_vec() });
    }
    Request {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        version: match request.version() {
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
