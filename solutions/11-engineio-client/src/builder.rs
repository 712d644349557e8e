use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::connector::{self, Connector};
use crate::{Client, Config, ConnectError, Connection, SettingError, Transports};

/// The settings of a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    url: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    #[cfg(feature = "tls")]
    tls: Option<rustls::ClientConfig>,
    settings: Settings,
}

/// What a connection needs to know, besides the server's address.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) transports: Transports,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_incoming: usize,
    pub(crate) session: Config,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            path: "/engine.io/".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
            settings: Settings {
                transports: Transports::default(),
                connect_timeout: Duration::from_secs(20),
                max_incoming: 64 << 20,
                session: Config::default(),
            },
        }
    }

    /// The server's path: `/engine.io/`. A slash at its end is added.
    pub fn path(mut self, path: &str) -> Self {
        self.path = format!("/{}/", path.trim_matches('/')).replace("//", "/");
        self
    }

    /// A pair for the query of every request, after those of the URL. It can be read in logs: a secret
    /// is better sent as a header.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A header for every request. (A page in a browser could not send one with its WebSocket.)
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Which transports are tried, and in which order: polling, and then the upgrade.
    pub fn transports(mut self, transports: Transports) -> Self {
        self.settings.transports = transports;
        self
    }

    /// How long each transport that is tried may take until the server's handshake is there: 20 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long an upgrade may take, from dialling the WebSocket to its last step: 10 s.
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.upgrade_timeout = timeout;
        self
    }

    /// How long the last messages and the goodbye may take when the connection is closed: 5 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.close_timeout = timeout;
        self
    }

    /// How many bytes may wait to be sent: 16 MiB, what it takes to keep a message included. Beyond,
    /// [`Connection::send`] refuses ([`SendError::Full`](crate::SendError::Full)), and nothing is dropped.
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.settings.session.max_buffered = bytes;
        self
    }

    /// The longest answer to a GET and the longest WebSocket message that is taken, in bytes: 64 MiB.
    /// Beyond, the connection ends, and its close reason names this limit.
    pub fn max_incoming(mut self, bytes: usize) -> Self {
        self.settings.max_incoming = bytes;
        self
    }

    /// Which certificates are trusted, and which are shown. Unless this is called, the system says which
    /// are trusted. `alpn_protocols` has to be empty.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, config: rustls::ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// A client, that can connect any number of times.
    ///
    /// # Errors
    ///
    /// [`SettingError`] if there is something wrong with the URL or a header.
    pub fn build(mut self) -> Result<Client, SettingError> {
        self.settings.session.upgrade = self.settings.transports == Transports::PollingThenUpgrade;
        let url = self.url()?;
        let headers = self.headers()?;
        let connector = self.connector()?;
        Ok(Client::new(url, headers, connector, self.settings))
    }

    /// Builds the client, and connects once.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`] and [`Client::connect`].
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        self.build()?.connect().await
    }

    /// The URL of every request, but for what differs: scheme `http` or `https`, our path, our query.
    fn url(&self) -> Result<Url, SettingError> {
        let wrong = |problem: &str| SettingError::Url {
            came: self.url.clone(),
            problem: problem.to_owned(),
        };
        let mut url = Url::parse(&self.url).map_err(|error| wrong(&error.to_string()))?;
        let scheme = match url.scheme() {
            "http" | "ws" => "http",
            "https" | "wss" if !cfg!(feature = "tls") => {
                return Err(SettingError::NoTls { came: url.scheme().to_owned() });
            }
            "https" | "wss" => "https",
            came => return Err(SettingError::Scheme { came: came.to_owned() }),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingError::Credentials);
        }
        if url.path() != "/" {
            return Err(SettingError::Path { came: url.path().to_owned() });
        }
        url.set_scheme(scheme).expect("all four are schemes of the web");
        url.set_fragment(None);
        url.set_path(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    fn headers(&self) -> Result<HeaderMap, SettingError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let wrong = |problem: &dyn ToString| SettingError::Header {
                name: name.clone(),
                problem: problem.to_string(),
            };
            let key = HeaderName::try_from(name).map_err(|error| wrong(&error))?;
            let value = HeaderValue::try_from(value).map_err(|error| wrong(&error))?;
            headers.append(key, value);
        }
        Ok(headers)
    }

    #[cfg(feature = "tls")]
    fn connector(&mut self) -> Result<Connector, SettingError> {
        connector::tls(self.tls.take())
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "with TLS it may fail")]
    fn connector(&self) -> Result<Connector, SettingError> {
        Ok(connector::tcp())
    }
}
