use std::time::Duration;

use hyper::{Method, Uri};

use crate::Refusal;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The page.
    Page,
    /// What came after message `since`.
    Messages {
        /// The last message that the client has seen; 0 when it has seen none.
        since: u64,
        /// How long the client would wait for an answer; `None` when it wants one at once.
        wait: Option<Duration>,
    },
    /// To post a message.
    Post,
}

impl Route {
    /// Reads method, path and query.
    ///
    /// `HEAD` is read as `GET`: hyper sends the head of the answer and keeps back its body.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::Method`], [`Refusal::Number`] and [`Refusal::Repeated`].
    pub fn parse(method: &Method, uri: &Uri) -> Result<Self, Refusal> {
        let came = || method.to_string();
        match (uri.path(), method) {
            ("/", &Method::GET | &Method::HEAD) => Ok(Self::Page),
            ("/", _) => Err(Refusal::Method { allow: "GET, HEAD", came: came() }),
            ("/messages", &Method::GET | &Method::HEAD) => messages(uri.query().unwrap_or("")),
            ("/messages", &Method::POST) => Ok(Self::Post),
            ("/messages", _) => Err(Refusal::Method { allow: "GET, HEAD, POST", came: came() }),
            (path, _) => Err(Refusal::NotFound { came: path.to_owned() }),
        }
    }
}

/// Reads `since=3&wait=25`. Either may be left out; what else is there is ignored.
fn messages(query: &str) -> Result<Route, Refusal> {
    let mut since = None;
    let mut wait = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "since" => once(&mut since, "since", &value)?,
            "wait" => once(&mut wait, "wait", &value)?,
            _ => {}
        }
    }
    let wait = wait.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    Ok(Route::Messages { since: since.unwrap_or(0), wait })
}

fn once(slot: &mut Option<u64>, name: &'static str, value: &str) -> Result<(), Refusal> {
    // `parse` alone would take `+3`.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits);
    let number = number.ok_or_else(|| Refusal::Number { name, came: shown(value) })?;
    match slot.replace(number) {
        None => Ok(()),
        Some(_) => Err(Refusal::Repeated { name }),
    }
}

/// As much of a value as fits in a message, with nothing in it that a terminal would obey.
fn shown(value: &str) -> String {
    const MOST: usize = 40;
    let dots = if value.chars().count() > MOST { "…" } else { "" };
    let beginning: String = value.chars().take(MOST).collect();
    format!("{}{dots}", beginning.escape_debug())
}
