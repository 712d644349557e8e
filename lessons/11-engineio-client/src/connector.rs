//! TCP, and TLS above it if the URL says so.

use std::error::Error;

use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use crate::TransportError;

/// Makes a connection to the server that a URL names.
#[cfg(not(feature = "tls"))]
pub(crate) type Connector = HttpConnector;
/// Makes a connection to the server that a URL names.
#[cfg(feature = "tls")]
pub(crate) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// A connection.
type Stream = <Connector as Service<Uri>>::Response;

pub(crate) fn tcp() -> HttpConnector {
    let mut connector = HttpConnector::new();
    // A message leaves at once, not when there is more to send with it.
    connector.set_nodelay(true);
    connector
}

#[cfg(feature = "tls")]
pub(crate) fn tls(config: Option<rustls::ClientConfig>) -> Result<Connector, crate::SettingError> {
    let builder = hyper_rustls::HttpsConnectorBuilder::new();
    let builder = match config {
        Some(config) => builder.with_tls_config(config),
        None => builder
            .try_with_platform_verifier()
            .map_err(|error| crate::SettingError::Certificates { problem: error.to_string() })?,
    };
    let mut tcp = tcp();
    tcp.enforce_http(false);
    Ok(builder.https_or_http().enable_http1().wrap_connector(tcp))
}

/// A connection of its own, that no other request uses.
pub(crate) async fn connect(mut connector: Connector, uri: Uri) -> Result<Stream, TransportError> {
    let connected = async {
        std::future::poll_fn(|cx| connector.poll_ready(cx)).await?;
        connector.call(uri).await
    };
    connected.await.map_err(unreachable)
}

/// TCP has an error of its own, and TLS any.
fn unreachable(error: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    TransportError::unreachable(&*error.into())
}
