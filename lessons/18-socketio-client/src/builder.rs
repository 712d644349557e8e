use std::sync::Arc;
use std::time::Duration;

use buffering::{Bound, Overflow};
use engineio_client::Transports;
use reconnection::Reconnection;
use socketio_packet::Parser;

use crate::settings::Settings;
use crate::shared::Shared;
use crate::{Client, ConnectError, Problem, SettingError};

/// The settings of a [`Client`], each with the reference's default, where it has one.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    engine: engineio_client::Builder,
    transports: Transports,
    settings: Settings,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        let engine = engineio_client::Client::builder(url).path("/socket.io/");
        Self { engine, transports: Transports::default(), settings: Settings::default() }
    }

    /// The server's path: `/socket.io/`. A slash at its end is added.
    pub fn path(self, path: &str) -> Self {
        self.engine(|engine| engine.path(path))
    }

    /// Which transports are tried, and in which order: polling, and then the upgrade.
    pub fn transports(self, transports: Transports) -> Self {
        Self { transports, ..self }
    }

    /// The settings of the Engine.IO client below that are not here: headers, the query, certificates.
    pub fn engine(
        self,
        change: impl FnOnce(engineio_client::Builder) -> engineio_client::Builder,
    ) -> Self {
        Self { engine: change(self.engine), ..self }
    }

    /// When the connection is dialled again: after 1 s, 2 s, 4 s and then every 5 s, each but the last with up to 50 %
    /// of chance, for ever.
    pub fn reconnection(mut self, reconnection: Reconnection) -> Self {
        self.settings.reconnection = reconnection;
        self
    }

    /// How much may wait to be sent while there is no connection: 1,000 packets and 4 MB; and what is lost
    /// beyond: what comes.
    pub fn send_buffer(mut self, bound: Bound, overflow: Overflow) -> Self {
        self.settings.buffering.to_send = bound;
        self.settings.buffering.overflow = overflow;
        self
    }

    /// Sends every event that is not volatile until it is answered, so often again, one after the other: at
    /// least once, in order. Each waits for [`call_timeout`](Self::call_timeout). Not unless this is called.
    pub fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = true;
        self.settings.buffering.retries = retries;
        self
    }

    /// How long a call waits for its answer, if it says nothing else: 10 s.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.settings.call_timeout = timeout;
        self
    }

    /// How many bytes of events may wait for handlers before reading stops: 4 MB. While a call awaits its answer,
    /// reading goes on, and at twice as much the connection ends.
    pub fn max_pending(mut self, bytes: usize) -> Self {
        self.settings.max_pending = bytes.max(1);
        self
    }

    /// How many bytes may wait for a server that does not take them: 16 MiB. Beyond, what is sent is dropped,
    /// which is a [`Problem`].
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.settings.max_buffered = bytes;
        self.engine(|engine| engine.max_buffered(bytes))
    }

    /// How packets are written: as JSON. The server has to use the same.
    pub fn parser(mut self, parser: impl Parser + 'static) -> Self {
        self.settings.parser = Arc::new(parser);
        self
    }

    /// What is done with a [`Problem`]: it is logged, as a warning.
    pub fn on_problem(mut self, hook: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        self.settings.on_problem = Box::new(hook);
        self
    }

    /// A client that is not connected yet: register handlers, then connect a
    /// [`Socket`](crate::Socket::connect).
    ///
    /// # Errors
    ///
    /// [`SettingError`] if there is something wrong with the URL or a header.
    pub fn build(mut self) -> Result<Client, SettingError> {
        // The manager has the deadline of all that are tried: each has its part of it, so that the last has one.
        let ways = self.transports.order().len() as u32;
        let limit = self.settings.reconnection.connect_timeout.unwrap_or(Duration::MAX);
        self.engine = self.engine.transports(self.transports).connect_timeout(limit / ways);
        Ok(Client::new(Shared::new(self.engine.build()?, self.settings)))
    }

    /// A client that has joined `/`. Where the server speaks first, [`build`](Self::build) it, register handlers, and then
    /// connect: an event without a handler is lost, which is a [`Problem`].
    ///
    /// # Errors
    ///
    /// [`ConnectError`], if the server cannot be reached at the first try, or says no.
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let client = self.build()?;
        client.of("/").connect().await?;
        Ok(client)
    }
}
