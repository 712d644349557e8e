//! Between hyper's types and those of lesson 04, which decides what is a handshake.

use bytes::Bytes;
use http_body_util::Full;
use http_message::{Header, Headers, Request, Response, Version};
use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::{StatusCode, http};
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
    let request = from_hyper(parts);
    let subprotocols = first_subprotocol(&request.headers).into_iter().collect();
    let policy = Policy { origins: Origins::Any, subprotocols };
    accept(&request, &policy).map(|accepted| to_hyper(accepted.response))
}

/// A client that offers subprotocols gives up if it gets none of them. The reference takes the first,
/// whatever its name.
fn first_subprotocol(headers: &Headers) -> Option<String> {
    let first = headers.get_list(SEC_WEBSOCKET_PROTOCOL.as_str()).next()?;
    let first = str::from_utf8(first).ok()?;
    first.bytes().all(|byte| byte.is_ascii_graphic()).then(|| first.to_owned())
}

/// What lesson 04 looks at: neither the target nor what else a browser sends.
fn from_hyper(parts: &Parts) -> Request {
    let mut headers = Headers::default();
    for name in
        [UPGRADE, CONNECTION, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL]
    {
        for value in parts.headers.get_all(&name) {
            let name = name.as_str().to_owned();
            headers.push(Header { name, value: value.as_bytes().to_vec() });
        }
    }
    Request {
        method: parts.method.as_str().to_owned(),
        target: String::new(),
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
    const SOUND: &str = "lesson 01 lets no other status and headers through";
    let mut headers = HeaderMap::with_capacity(4);
    for header in response.headers().iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).expect(SOUND);
        headers.append(name, HeaderValue::from_bytes(&header.value).expect(SOUND));
    }
    let status = StatusCode::from_u16(response.status.code()).expect(SOUND);
    let mut sent = hyper::Response::new(Full::from(response.body));
    *sent.status_mut() = status;
    *sent.headers_mut() = headers;
    sent
}
