//! The page, and what it loads: all of it is in the program.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, StatusCode};
use socketio::engine::Answer;

/// Nothing comes from elsewhere, nothing is written into the page, and nobody shows the page in a frame. A picture
/// that somebody sent is a blob of the page's own; the icon is empty data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Our own client: it is small, and there is nothing to install.
const CLIENT: &str =
    concat!(include_str!("../page/engineio.js"), "\n", include_str!("../page/socketio.js"));

/// The files of the page.
#[derive(Clone, Debug)]
pub struct Page {
    client: Bytes,
}

impl Page {
    /// With this script for `io()`; without one, with the small client in `page/engineio.js` and `page/socketio.js`.
    #[must_use]
    pub fn new(client: Option<Bytes>) -> Self {
        let ours = || Bytes::from_static(CLIENT.as_bytes());
        Self { client: client.unwrap_or_else(ours) }
    }

    /// Answers one request.
    #[must_use]
    pub fn answer<B>(&self, request: &Request<B>) -> Answer {
        let path = request.uri().path();
        let Some((kind, file)) = self.file(path) else {
            return plain(
                StatusCode::NOT_FOUND,
                &format!("expected / for the chat, came {path}\n"),
            );
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let came = request.method();
            let text = format!("expected GET or HEAD, came {came}\n");
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, &text);
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        respond(StatusCode::OK, kind, file)
    }

    fn file(&self, path: &str) -> Option<(&'static str, Bytes)> {
        const HTML: &str = "text/html; charset=utf-8";
        const CSS: &str = "text/css; charset=utf-8";
        const SCRIPT: &str = "text/javascript; charset=utf-8";
        let file = |kind, text: &'static str| (kind, Bytes::from_static(text.as_bytes()));
        Some(match path {
            "/" => file(HTML, include_str!("../page/index.html")),
            "/admin" => file(HTML, include_str!("../page/admin.html")),
            "/chat.css" => file(CSS, include_str!("../page/chat.css")),
            "/chat.js" => file(SCRIPT, include_str!("../page/chat.js")),
            "/admin.js" => file(SCRIPT, include_str!("../page/admin.js")),
            "/composer.js" => file(SCRIPT, include_str!("../page/composer.js")),
            "/conversations.js" => file(SCRIPT, include_str!("../page/conversations.js")),
            "/entrance.js" => file(SCRIPT, include_str!("../page/entrance.js")),
            "/files.js" => file(SCRIPT, include_str!("../page/files.js")),
            "/outbox.js" => file(SCRIPT, include_str!("../page/outbox.js")),
            "/view.js" => file(SCRIPT, include_str!("../page/view.js")),
            "/wire.js" => file(SCRIPT, include_str!("../page/wire.js")),
            "/socket.io.js" => (SCRIPT, self.client.clone()),
            _ => return None,
        })
    }
}

fn plain(status: StatusCode, text: &str) -> Answer {
    respond(status, "text/plain; charset=utf-8", Bytes::copy_from_slice(text.as_bytes()))
}

fn respond(status: StatusCode, kind: &'static str, body: Bytes) -> Answer {
    let mut answer = Answer::new(Full::new(body));
    *answer.status_mut() = status;
    let headers: &mut HeaderMap = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
