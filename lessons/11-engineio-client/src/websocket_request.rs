//! The request that asks for a WebSocket (RFC 6455, section 4.1). hyper sends it, so that an answer that
//! is none of ours can be read to its end, however it travels.

use engineio_packet::{Sid, Transport};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode, Uri};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::TransportError;
use crate::connector::{self, Connector};
use crate::endpoint::Endpoint;

/// The longest explanation of a refusal that is read, in bytes.
const MAX_REFUSAL: usize = 64 << 10;

/// Connects, and asks for a WebSocket: for a session that is there, or for a new one.
pub(crate) async fn open(
    connector: Connector,
    endpoint: &Endpoint,
    sid: Option<&Sid>,
) -> Result<Upgraded, TransportError> {
    let uri = endpoint.uri(Transport::WebSocket, sid);
    let stream = connector::connect(connector, uri.clone()).await?;
    let (mut sender, connection) =
        http1::handshake(stream).await.map_err(|error| TransportError::broken(&error))?;
    // It ends with the sender, or hands the connection over.
    tokio::spawn(connection.with_upgrades());
    let key = generate_key();
    let answer = sender.send_request(request(&uri, &key, endpoint)).await;
    let answer = answer.map_err(|error| TransportError::broken(&error))?;
    endpoint.keep_cookies(answer.headers());
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refused(answer).await);
    }
    check(answer.headers(), &key)?;
    hyper::upgrade::on(answer).await.map_err(|error| TransportError::broken(&error))
}

fn request(uri: &Uri, key: &str, endpoint: &Endpoint) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    // RFC 9112, section 3.2.1: to a server, "a client MUST send only the absolute path and query".
    let target = uri.path_and_query().expect("a URL of the web has a path").clone();
    *request.uri_mut() = target.into();
    let host = uri.authority().expect("a URL of the web has a host").as_str();
    let headers = request.headers_mut();
    endpoint.add_headers(headers);
    let ours: [(HeaderName, &str); 5] = [
        (HOST, host),
        (CONNECTION, "Upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_VERSION, "13"),
        (SEC_WEBSOCKET_KEY, key),
    ];
    for (name, value) in ours {
        headers.insert(name, HeaderValue::try_from(value).expect("a URL and base64 are ASCII"));
    }
    request
}

async fn refused(answer: Response<Incoming>) -> TransportError {
    let came = answer.status();
    // The status says enough, if there is no more to be had.
    let body = Limited::new(answer.into_body(), MAX_REFUSAL).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    TransportError::refused(StatusCode::SWITCHING_PROTOCOLS, came, &body)
}

/// That the answer is a WebSocket server's, and to this very request.
fn check(headers: &HeaderMap, key: &str) -> Result<(), TransportError> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = derive_accept_key(key.as_bytes());
    if !value(UPGRADE).eq_ignore_ascii_case("websocket") || value(SEC_WEBSOCKET_ACCEPT) != expected
    {
        return Err(TransportError::NotWebSocket);
    }
    Ok(())
}
