use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engineio_packet::{ByteString, Frame, Sid, Transport, payload};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::TransportError;
use crate::connector::Connector;
use crate::endpoint::Endpoint;

/// GET and POST. hyper keeps the two connections that they need, and reuses them.
pub(crate) type HttpClient = legacy::Client<Connector, Full<Bytes>>;

/// A GET waits on one connection, so a POST needs a second.
const CONNECTIONS: usize = 2;

/// How long a connection is kept without a request. Node's servers close it after 5 s, and a request that
/// is sent in that moment is lost.
const MAX_IDLE: Duration = Duration::from_secs(4);

pub(crate) fn http_client(connector: Connector) -> HttpClient {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(MAX_IDLE)
        .pool_max_idle_per_host(CONNECTIONS)
        .build(connector)
}

/// The polling transport of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Polling {
    pub(crate) client: HttpClient,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) max_incoming: usize,
}

impl Polling {
    /// Asks for packets. Without an id the server opens a session.
    pub(crate) async fn get(self, sid: Option<Sid>) -> Result<ByteString, TransportError> {
        let body = self.request(Method::GET, sid.as_ref(), Bytes::new()).await?;
        ByteString::try_from(body).map_err(|_| TransportError::NotText)
    }

    /// Brings packets.
    pub(crate) async fn post(self, sid: Sid, frames: Vec<Frame>) -> Result<(), TransportError> {
        let body = payload::encode(&frames);
        // The body of the answer says `ok`; that the status is 200 has said so before.
        self.request(Method::POST, Some(&sid), body.into()).await.map(drop)
    }

    async fn request(
        &self,
        method: Method,
        sid: Option<&Sid>,
        body: Bytes,
    ) -> Result<Bytes, TransportError> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = self.endpoint.uri(Transport::Polling, sid);
        if method == Method::POST {
            let text = HeaderValue::from_static("text/plain;charset=UTF-8");
            request.headers_mut().insert(CONTENT_TYPE, text);
        }
        *request.method_mut() = method;
        self.endpoint.add_headers(request.headers_mut());

        let answer = self.client.request(request).await.map_err(|error| {
            let kind = if error.is_connect() {
                TransportError::unreachable
            } else {
                TransportError::broken
            };
            // The error itself says "client error", and which of the two it is.
            kind(error.source().unwrap_or(&error))
        })?;
        self.endpoint.keep_cookies(answer.headers());
        let status = answer.status();
        let body = Limited::new(answer.into_body(), self.max_incoming).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => TransportError::TooLong { limit: self.max_incoming },
            None => TransportError::broken(&*error),
        })?;
        let body = body.to_bytes();
        if status != StatusCode::OK {
            return Err(TransportError::refused(StatusCode::OK, status, &body));
        }
        Ok(body)
    }
}
