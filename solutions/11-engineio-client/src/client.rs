use std::sync::Arc;

use engineio_packet::Transport;
use hyper::header::HeaderMap;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::builder::Settings;
use crate::connector::Connector;
use crate::driver::Driver;
use crate::endpoint::Endpoint;
use crate::http::{HttpClient, Polling, http_client};
use crate::socket::Socket;
use crate::{Attempt, Builder, ConnectError, Connection, Session, TransportError};

/// Connects to one server, as often as it is asked to.
#[derive(Clone, Debug)]
pub struct Client {
    url: Url,
    headers: HeaderMap,
    connector: Connector,
    http: HttpClient,
    settings: Settings,
}

impl Client {
    /// The settings of a client of the server at this URL: `http://localhost:3000`, `wss://example.com`.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    pub(crate) fn new(
        url: Url,
        headers: HeaderMap,
        connector: Connector,
        settings: Settings,
    ) -> Self {
        let http = http_client(connector.clone());
        Self { url, headers, connector, http, settings }
    }

    /// Connects: tries one transport after the other, until the server's handshake is there.
    ///
    /// It may be dropped to be given up.
    ///
    /// # Errors
    ///
    /// [`ConnectError::NoTransport`], with what was tried and why it failed.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        let endpoint = Arc::new(Endpoint::new(self.url.clone(), self.headers.clone()));
        // ANCHOR: step_11_5_c
        let mut attempts = Vec::new();
        for &transport in self.settings.transports.order() {
            match self.attempt(transport, &endpoint).await {
                Ok(connection) => return Ok(connection),
                Err(attempt) => attempts.push(attempt),
            }
        }
        Err(ConnectError::NoTransport(attempts))
        // ANCHOR_END: step_11_5_c
    }

    /// One transport, for as long as it may take.
    async fn attempt(
        &self,
        transport: Transport,
        endpoint: &Arc<Endpoint>,
    ) -> Result<Connection, Attempt> {
        let limit = self.settings.connect_timeout;
        let opened = timeout(limit, self.open(transport, endpoint)).await;
        let opened = opened.unwrap_or(Err(TransportError::TimedOut { limit }));
        opened.map_err(|error| Attempt { transport, error })
    }

    async fn open(
        &self,
        transport: Transport,
        endpoint: &Arc<Endpoint>,
    ) -> Result<Connection, TransportError> {
        let config = self.settings.session.clone();
        let (session, socket) = match transport {
            Transport::Polling => {
                let body = self.polling(endpoint).get(None).await?;
                (Session::open_polling(&body, config, now())?, None)
            }
            Transport::WebSocket => {
                let max_incoming = self.settings.max_incoming;
                let mut socket =
                    Socket::dial(self.connector.clone(), endpoint, None, max_incoming).await?;
                let frame = socket.frame().await?;
                (Session::open_websocket(frame, config, now())?, Some(socket))
            }
        };
        let polling = self.polling(endpoint);
        Ok(Connection::new(Driver::new(
            session,
            socket,
            polling,
            self.connector.clone(),
            &self.settings,
        )))
    }

    fn polling(&self, endpoint: &Arc<Endpoint>) -> Polling {
        Polling {
            client: self.http.clone(),
            endpoint: Arc::clone(endpoint),
            max_incoming: self.settings.max_incoming,
        }
    }
}

/// tokio's clock, which a test can stop.
pub(crate) fn now() -> std::time::Instant {
    Instant::now().into_std()
}
